#include "result.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

#include "bufspec/misreadings.hpp"
#include "values.hpp"

namespace bufspec::cpython {

namespace {

constexpr std::size_t most_known = 1024;
// What values may be taken for others, where they are as long.
constexpr std::array<const char*, 14> other_formats{"b", "B", "?", "c", "h", "H", "e",
                                                    "i", "I", "f", "q", "Q", "d", "P"};
constexpr std::size_t most_known_bytes = std::size_t{1} << 24;
constexpr std::size_t most_bytes_of_values = std::size_t{1} << 21;  // whose values take some ten times as much

constexpr char poison = static_cast<char>(released_byte);
constexpr char native_order = std::endian::native == std::endian::little ? '<' : '>';

// Whether most of the bytes that are wrong are those that a released memory is overwritten with.
bool is_released(std::string_view bytes, std::string_view expected) noexcept {
  if (bytes.size() != expected.size()) return !bytes.empty() && bytes.find_first_not_of(poison) == bytes.npos;
  std::size_t wrong = 0;
  std::size_t poisoned = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] == expected[at]) continue;
    ++wrong;
    poisoned += bytes[at] == poison ? 1 : 0;
  }
  return 2 * poisoned > wrong;
}

// The ways of reading wrongly that are tried, in order: each with the elements as they are then seen.
std::vector<std::pair<Misreading, std::string>> ways_of(const engine::PlannedMemory& plan, const char* memory) {
  std::vector<std::pair<Misreading, std::string>> ways =
      misreadings_of(plan.described(), reinterpret_cast<std::uintptr_t>(memory), plan.contents());
  if (!plan.elements().empty())
    ways.emplace_back(Misreading::released, std::string(plan.elements().size(), static_cast<char>(released_byte)));
  return ways;
}

bool is_number(PyObject* object, ssize number) {
  if (PyLong_CheckExact(object) == 0) return false;
  const ssize value = PyLong_AsSsize_t(object);
  PyErr_Clear();
  return value == number;
}

bool is_refusal_set() {
  for (PyObject* const one : {PyExc_BufferError, PyExc_TypeError, PyExc_ValueError, PyExc_NotImplementedError})
    if (PyErr_ExceptionMatches(one) != 0) return true;
  return false;
}

bool was_refused_all(const Consumed& consumed) {
  return !consumed.requests.empty() && std::none_of(consumed.requests.begin(), consumed.requests.end(),
                                                    [](const Consumed::Request& one) { return one.granted; });
}

// A memoryview of items of that format and shape, in C order, that lie in the bytearray `block`; null, with an exception, where a
// memoryview has no such items.
Ref items_in_order(PyObject* block, const Layout& layout) {
  const Ref bytes(block != nullptr ? PyMemoryView_FromObject(block) : nullptr);
  const Ref shape(bytes ? PyTuple_New(layout.ndim) : nullptr);
  for (int d = 0; shape && d < layout.ndim; ++d) {
    PyObject* const extent = PyLong_FromSsize_t(layout.shape[static_cast<std::size_t>(d)]);
    if (extent == nullptr || PyTuple_SetItem(shape.get(), d, extent) != 0) return {};
  }
  // Of the interpreter's own order and size, as a memoryview knows them; of another size the shape does not fit.
  const bool says_order = layout.format.starts_with(native_order) || layout.format.starts_with('=');
  const std::string format = says_order ? layout.format.substr(1) : layout.format.empty() ? "B" : layout.format;
  return Ref(shape ? PyObject_CallMethod(bytes.get(), "cast", "sO", format.c_str(), shape.get()) : nullptr);
}

// What a consumer may change at its next call, such as a list that it returns each time, as it is now.
Ref snapshot_of(Ref result) {
  PyObject* const it = result.get();
  if (it == nullptr) return result;
  Ref copy;
  if (PyList_CheckExact(it) != 0) copy.reset(PyList_GetSlice(it, 0, PyList_Size(it)));
  if (PyDict_CheckExact(it) != 0) copy.reset(PyDict_Copy(it));
  if (PyByteArray_CheckExact(it) != 0) copy.reset(PyByteArray_FromObject(it));
  PyErr_Clear();
  return copy ? std::move(copy) : std::move(result);
}

}  // namespace

bool is_fortran_only(const Layout& layout) noexcept {
  const MemoryFacts facts = facts_of(geometry_of(layout), layout.readonly);
  return facts.f_contiguous && !facts.c_contiguous;
}

Ref ResultComparison::call_plain(const std::string& elements, std::string* memory, Ref* exception) {
  const bool fills = declared_.kind == ConsumerKind::fills;
  const auto size = static_cast<Py_ssize_t>(elements.size());
  Ref plain(fills ? PyByteArray_FromStringAndSize(elements.data(), size)
                  : PyBytes_FromStringAndSize(elements.data(), size));
  Ref result(plain ? PyObject_CallFunctionObjArgs(declared_.callable.get(), plain.get(), nullptr) : nullptr);
  if (exception != nullptr && !result) exception->reset(Py_XNewRef(PyErr_Occurred()));
  PyErr_Clear();
  if (result && fills && memory != nullptr)
    memory->assign(PyByteArray_AsString(plain.get()), static_cast<std::size_t>(PyByteArray_Size(plain.get())));
  last_plain_ = std::move(plain);
  return result;
}

Ref ResultComparison::call_on_items(const std::string& elements, const Layout& layout, std::string* memory) {
  Ref block(PyByteArray_FromStringAndSize(elements.data(), static_cast<Py_ssize_t>(elements.size())));
  Ref result;
  {
    const Ref items = items_in_order(block.get(), layout);
    if (items) result.reset(PyObject_CallFunctionObjArgs(declared_.callable.get(), items.get(), nullptr));
  }
  PyErr_Clear();
  if (result && declared_.kind == ConsumerKind::fills && memory != nullptr)
    memory->assign(PyByteArray_AsString(block.get()), static_cast<std::size_t>(PyByteArray_Size(block.get())));
  last_plain_ = std::move(block);
  return result;
}

Ref ResultComparison::call_model(const Model& model, const std::string& elements, std::string* memory) {
  return model.items ? call_on_items(elements, *model.items, memory) : call_plain(elements, memory);
}

std::pair<ResultComparison::Made&, bool> ResultComparison::known_by(std::string key, std::size_t bytes) {
  if (const auto found = known_.find(key); found != known_.end()) return {found->second, false};
  known_bytes_ += bytes;
  return {known_[std::move(key)], true};
}

const ResultComparison::Made& ResultComparison::items_of(const std::string& elements, const Layout& layout) {
  std::string key = elements + '\n' + layout.format;
  for (int d = 0; d < layout.ndim; ++d) key += ',' + std::to_string(layout.shape[static_cast<std::size_t>(d)]);
  const auto [plain, is_new] = known_by(std::move(key), elements.size());
  if (!is_new) return plain;
  plain.result = snapshot_of(call_on_items(elements, layout, &plain.memory));
  std::string memory;
  const Ref again = plain.result ? call_on_items(elements, layout, &memory) : Ref();
  plain.is_comparable = again && are_alike(plain.result.get(), again.get());
  plain.is_filling = again && memory == plain.memory && memory.size() == elements.size();
  return plain;
}

const ResultComparison::Made& ResultComparison::plain_of(const std::string& elements) {
  const auto [plain, is_new] = known_by(elements, elements.size());
  if (!is_new) return plain;
  plain.result = snapshot_of(call_plain(elements, &plain.memory, &plain.exception));
  const bool is_compared = returns_ == Returns::same_as_bytes || declared_.kind == ConsumerKind::fills;
  if (!plain.result || !is_compared) return plain;
  // What cannot be compared at all says nothing.
  std::string memory;
  const Ref again = call_plain(elements, &memory);
  plain.is_comparable = again && are_alike(plain.result.get(), again.get());
  plain.is_filling = again && memory == plain.memory && memory.size() == elements.size();
  if (plain.is_filling) {
    std::string later;
    plain.is_settled = call_plain(plain.memory, &later) && later == plain.memory;
  }
  if (returns_ == Returns::same_as_bytes && !plain.is_comparable && (!again || can_compare(plain.result.get())))
    note_disagreement(plain.result.get(), again.get(), "results");
  else if (declared_.kind == ConsumerKind::fills && again && memory != plain.memory && returns_ != Returns::none)
    note_disagreement(plain.result.get(), again.get(), "contents");
  return plain;
}

void ResultComparison::note_disagreement(PyObject* first, PyObject* second, std::string_view what) {
  if (!disagreement_.empty()) return;
  const auto words = [](PyObject* one) { return one != nullptr ? shown(one) : std::string("an exception"); };
  disagreement_ = std::string(what);
  if (what == "results") disagreement_ += ": " + words(first) + ", then " + words(second);
}

bool ResultComparison::do_agree(PyObject* left, PyObject* right) const {
  if (left == nullptr || right == nullptr) return left == right;
  switch (returns_) {
    case Returns::same_as_bytes:
      return are_alike(left, right) || !can_compare(left);
    case Returns::bytes:
      return bytes_of(left) == bytes_of(right);
    case Returns::elements: {
      const Ref one(PySequence_List(left));
      const Ref other(PySequence_List(right));
      PyErr_Clear();
      return one && other ? are_equal(one.get(), other.get()) : !one && !other;
    }
    case Returns::list:
    case Returns::scalar:
      return are_equal(left, right);
    case Returns::none:
      break;
  }
  return true;
}

// Whether the consumer gives of plain memory what it gave of it before, so that a wrong result is not its state's.
bool ResultComparison::is_repeated(const Model& model, const std::string& elements) {
  std::string memory;
  std::string memory_before;
  Ref before;
  if (model.made != nullptr) {
    before = model.made->result ? Ref::borrowed(model.made->result.get()) : Ref();
    memory_before = model.made->memory;
  } else {
    before = call_plain(elements, &memory_before);
  }
  const Ref again = call_model(model, elements, &memory);
  if (!do_agree(before.get(), again.get())) note_disagreement(before.get(), again.get(), "results");
  const bool is_other_memory = declared_.kind == ConsumerKind::fills && memory != memory_before;
  if (is_other_memory && returns_ != Returns::none) note_disagreement(before.get(), again.get(), "contents");
  return disagreement_.empty() && !is_other_memory;
}

bool ResultComparison::do_bytes_raise(const engine::PlannedMemory& plan, PyObject* type) {
  const Made& plain = plain_of(plan.elements());
  return plain.exception && plain.exception.get() == type;
}

void ResultComparison::prepare(const engine::PlannedMemory& plan, bool is_poisoned) {
  model_ = {};
  is_poisoned_ = is_poisoned;
  if (known_.size() >= most_known || known_bytes_ > most_known_bytes) {
    known_.clear();
    known_bytes_ = 0;
  }
  const bool needs_plain = returns_ == Returns::same_as_bytes || declared_.kind == ConsumerKind::fills;
  if (!needs_plain) return;
  model_.made = &plain_of(plan.elements());
  if (model_.made->result || declared_.kind == ConsumerKind::fills) return;
  model_.made = &items_of(plan.elements(), plan.described());
  if (model_.made->is_comparable) model_.items = plan.described();
}

void ResultComparison::compare(PyObject* result, const engine::PlannedMemory& plan, const char* memory,
                               Consumed& consumed) {
  // Of what was never shown nothing can be read.
  if (was_refused_all(consumed) || !disagreement_.empty()) return;
  switch (returns_) {
    case Returns::none:
      return;
    case Returns::bytes:
      compare_bytes(result, plan, memory, consumed);
      break;
    case Returns::same_as_bytes:
      compare_with_plain(result, plan, memory, consumed);
      break;
    case Returns::list:
    case Returns::elements:
    case Returns::scalar:
      compare_values(result, plan, memory, consumed);
      break;
  }
  if (consumed.result != Compared::wrong) return;
  consumed.is_in_memory_order = consumed.misreading == Misreading::linear && is_fortran_only(plan.described());
  const bool is_meant = consumed.is_in_memory_order && declared_.keeps_memory_order;
  if (!is_meant && is_repeated(model_, plan.elements())) return;
  consumed.result = is_meant ? Compared::right : Compared::not_compared;
  consumed.misreading = Misreading::unknown;
  consumed.difference = {};
  consumed.is_in_memory_order = false;
}

// Fills in what `bytes` show that are not as they ought to be.
void ResultComparison::show(const std::string& bytes, const engine::PlannedMemory& plan, const char* memory,
                            Consumed& consumed) const {
  show_bytes(consumed, plan.described(), bytes, reinterpret_cast<std::uintptr_t>(memory), plan.contents());
  if (consumed.result == Compared::wrong && is_poisoned_ && is_released(bytes, plan.elements()))
    consumed.misreading = Misreading::released;
}

void ResultComparison::compare_bytes(PyObject* result, const engine::PlannedMemory& plan, const char* memory,
                                     Consumed& consumed) {
  const auto bytes = bytes_of(result);
  if (bytes && *bytes == plan.elements()) {
    consumed.result = Compared::right;
  } else if (bytes) {
    show(*bytes, plan, memory, consumed);
  } else {
    consumed.result = Compared::wrong;
    consumed.difference = {Aspect::no_bytes, -1, static_cast<ssize>(plan.elements().size()),
                           value::Text{shown(result)}};
  }
}

// Nothing where it was told of items without being told what they are.
bool ResultComparison::reading_of(const Consumed& consumed, const engine::PlannedMemory& plan, Reading& reading) {
  bool any = false;
  bool knows_format = false;
  bool knows_shape = false;
  for (const Consumed::Request& request : consumed.requests) {
    if (!request.granted) continue;
    any = true;
    knows_format = knows_format || has(request.flags, flag::FORMAT);
    knows_shape = knows_shape || has(request.flags, flag::ND);
  }
  const Layout& layout = plan.described();
  reading.shape = layout.shape.data();
  reading.ndim = layout.ndim;
  if (!any || knows_format) {
    reading.format = layout.format;
    reading.itemsize = layout.itemsize;
    return true;
  }
  reading.format = "B";
  if (knows_shape) return layout.itemsize == 1;
  reading.ndim = 1;
  reading.extent = static_cast<ssize>(plan.elements().size());
  reading.shape = &reading.extent;
  return true;
}

Ref ResultComparison::values_as(const Reading& reading, std::string_view bytes) const {
  Ref flat = values_of(bytes, reading.format, reading.itemsize);
  if (!flat || returns_ == Returns::elements) return flat;
  if (returns_ == Returns::scalar)
    return PyList_Size(flat.get()) == 1 ? Ref::borrowed(PyList_GetItem(flat.get(), 0)) : Ref();
  return nested(flat.get(), reading.shape, reading.ndim);
}

Ref ResultComparison::known_values(const Reading& reading, const std::string& elements) {
  std::string key = reading.format + '\n';
  for (int d = 0; d < reading.ndim; ++d) key += std::to_string(reading.shape[d]) + ',';
  key += '\n' + elements;
  if (const auto found = values_.find(key); found != values_.end()) return Ref::borrowed(found->second.get());
  if (values_bytes_ > most_bytes_of_values) {
    values_.clear();
    values_bytes_ = 0;
  }
  values_bytes_ += key.size();
  Ref& values = values_[std::move(key)];
  values = values_as(reading, elements);
  return values ? Ref::borrowed(values.get()) : Ref();
}

void ResultComparison::compare_values(PyObject* result, const engine::PlannedMemory& plan, const char* memory,
                                      Consumed& consumed) {
  Reading reading;
  if (!reading_of(consumed, plan, reading)) return;
  if (returns_ == Returns::scalar && plan.count() != 1) return;
  const Ref expected = known_values(reading, plan.elements());
  if (!expected) return;
  Ref given = Ref::borrowed(result);
  const bool is_iterable = PySequence_Check(result) != 0 || PyObject_HasAttrString(result, "__iter__") != 0;
  if (returns_ == Returns::elements) given.reset(PySequence_List(result));
  // What is iterated may refuse the items only when it comes to the first: that is told as the call's exception.
  if (!given && is_iterable && is_refusal_set()) {
    Raised raised = take_exception();
    consumed.raised = true;
    consumed.error = raised.error;
    consumed.exception_name = std::move(raised.name);
    return;
  }
  PyErr_Clear();
  consumed.result = given && are_equal(given.get(), expected.get()) ? Compared::right : Compared::wrong;
  if (consumed.result == Compared::right) return;
  consumed.difference = {Aspect::result, -1, value::Text{shown(expected.get())},
                         value::Text{shown(given ? given.get() : result)}};
  if (is_poisoned_ && given) {
    const Ref released = values_as(reading, std::string(plan.elements().size(), poison));
    if (released && is_mostly(given.get(), expected.get(), released.get())) {
      consumed.misreading = Misreading::released;
      return;
    }
  }
  // Values are made only of what has the value that was found first: of large memory they take long.
  const bool has_rows = returns_ == Returns::list;
  const ssize count = plan.count();
  const auto first = given && returns_ != Returns::scalar
                         ? first_difference(given.get(), expected.get(), has_rows ? reading.shape : &count,
                                            has_rows ? reading.ndim : 1)
                         : std::nullopt;
  const auto may_be = [&](std::string_view bytes) {
    if (!first) return true;
    const auto size = static_cast<std::size_t>(reading.itemsize);
    if (bytes.size() < (first->number + 1) * size) return true;
    const Ref one = values_of(bytes.substr(first->number * size, size), reading.format, reading.itemsize);
    return one && PyList_Size(one.get()) == 1 && are_equal(first->given.get(), PyList_GetItem(one.get(), 0));
  };
  for (const auto& [misreading, bytes] : ways_of(plan, memory)) {
    if (!may_be(bytes)) continue;
    const Ref wrong = given ? values_as(reading, bytes) : Ref();
    if (!wrong || !are_equal(given.get(), wrong.get())) continue;
    consumed.misreading = misreading;
    return;
  }
  for (const char* format : other_formats) {
    if (reading.format == format) continue;
    reading.format = format;
    if (!may_be(plan.elements())) continue;
    const Ref wrong = given ? values_as(reading, plan.elements()) : Ref();
    if (wrong && are_equal(given.get(), wrong.get())) consumed.misreading = Misreading::other_format;
  }
}

void ResultComparison::compare_with_plain(PyObject* result, const engine::PlannedMemory& plan, const char* memory,
                                          Consumed& consumed) {
  if (model_.made == nullptr || !model_.made->is_comparable) return;
  PyObject* const expected = model_.made->result.get();
  consumed.result = are_alike(result, expected) ? Compared::right : Compared::wrong;
  if (consumed.result == Compared::right) return;
  // Bytes in, bytes out: those of padding have no value, and what was poisoned shows.
  const auto bytes = Py_TYPE(result) == Py_TYPE(expected) ? bytes_of(result) : std::nullopt;
  const bool is_copy = bytes && bytes_of(expected) == plan.elements();
  const bool has_padding = !bytes_owed(consumed, plan.described()).empty();
  if (is_copy) {
    show(*bytes, plan, memory, consumed);
    if (consumed.result == Compared::right || consumed.misreading == Misreading::released) return;
  } else if (has_padding) {
    consumed.result = Compared::not_compared;  // what it makes of bytes that have no value, nobody can say
    return;
  }
  const Aspect aspect = model_.items ? Aspect::result_as_of_items : Aspect::result_as_of_bytes;
  consumed.difference = {aspect, -1, value::Text{shown(expected)}, value::Text{shown(result)}};
  if (is_number(expected, static_cast<ssize>(plan.elements().size())) &&
      (is_number(result, plan.count()) ||
       (plan.described().ndim > 0 && is_number(result, plan.described().shape[0])))) {
    consumed.misreading = Misreading::counted_items;
    return;
  }
  for (const auto& [misreading, read] : ways_of(plan, memory)) {
    const Ref wrong = call_model(model_, read, nullptr);
    if (!wrong || !are_alike(result, wrong.get())) continue;
    consumed.misreading = misreading;
    return;
  }
  // A sum of floating-point numbers depends on their order, and a description of the memory on its strides: of typed items only
  // what was clearly read elsewhere is wrong.
  if (!model_.items || is_copy) return;
  consumed.result = Compared::not_compared;
  consumed.difference = {};
}

// Whether the segment holds what the same call leaves in plain bytes that hold it as it lay: what the call left alone
// is in the order of the memory, too.
bool ResultComparison::is_filled_as_it_lies(const std::string& segment, const engine::PlannedMemory& plan,
                                            const std::string& valued) {
  std::string memory;
  const Ref result = call_plain(std::string(plan.model().buf(), segment.size()), &memory);
  return result && agree_in_values(segment, memory, valued);
}

// Who stops early, or takes the number of items for that of bytes, leaves a part as it is: that is no other value.
bool ResultComparison::writes_values(const std::string& elements, const engine::PlannedMemory& plan) {
  const Made& plain = plain_of(plan.elements());
  if (!plain.is_filling || elements == plain.memory) return false;
  if (plan.described().itemsize == 1) return true;  // of bytes nobody leaves out a part: they have a sign
  const auto [same, left] = std::mismatch(elements.begin(), elements.end(), plain.memory.begin(), plain.memory.end());
  const auto rest = static_cast<std::size_t>(same - elements.begin());
  return elements.size() != plan.elements().size() || elements.substr(rest) != plan.elements().substr(rest);
}

void ResultComparison::compare_filled(const std::string& elements, const std::optional<std::string>& segment,
                                      const engine::PlannedMemory& plan, bool is_once, Consumed& consumed) {
  const Made* const plain = model_.made;
  const bool is_judged = declared_.kind == ConsumerKind::fills && plain != nullptr && plain->is_filling &&
                         (is_once || plain->is_settled) && disagreement_.empty() && !plan.is_shared() &&
                         !plan.described().readonly && !was_refused_all(consumed);
  // A function of the values may leave all negative ones as they are.
  if (!is_judged || (plan.contents() == high_bytes && elements == plan.elements())) return;
  const std::string valued = bytes_owed(consumed, plan.described());
  const bool is_by_index = agree_in_values(elements, plain->memory, valued);
  const bool is_in_order = !is_by_index && segment && is_filled_as_it_lies(*segment, plan, valued);
  const bool is_right = is_by_index || (is_in_order && declared_.keeps_memory_order);
  if (!is_right && !is_repeated(model_, plan.elements())) return;
  consumed.filled = is_right ? Compared::right : Compared::wrong;
  if (is_right) return;
  consumed.is_in_memory_order = is_in_order;
  consumed.difference = difference_of(plain->memory, elements, valued);
  consumed.difference.aspect =
      consumed.difference.aspect == Aspect::length ? Aspect::filled_length : Aspect::filled_byte;
}

// A function of values may depend on their order in the last bit, so not every difference is wrong; but what left all as it
// was has written elsewhere, and who wrote one item behind the other has followed no strides.
void ResultComparison::compare_filled_items(const std::string& elements, const std::optional<std::string>& segment,
                                            const engine::PlannedMemory& plan, Consumed& consumed) {
  if (!disagreement_.empty() || plan.is_shared() || plan.described().readonly) return;
  const Model model{&items_of(plan.elements(), plan.described()), plan.described()};
  const std::string& owed = model.made->memory;
  if (!model.made->is_filling || owed == plan.elements()) return;
  const std::string valued = bytes_owed(consumed, plan.described());
  const bool is_by_index = agree_in_values(elements, owed, valued);
  const bool is_in_order = !is_by_index && segment == owed;
  const bool is_right = is_by_index || (is_in_order && declared_.keeps_memory_order);
  if (!is_right && !is_in_order && elements != plan.elements()) return;
  if (!is_right && !is_repeated(model, plan.elements())) return;
  consumed.filled = is_right ? Compared::right : Compared::wrong;
  if (is_right) return;
  consumed.is_in_memory_order = is_in_order;
  consumed.difference = difference_of(owed, elements, valued);
  consumed.difference.aspect = Aspect::filled_as_items;
}

}  // namespace bufspec::cpython
