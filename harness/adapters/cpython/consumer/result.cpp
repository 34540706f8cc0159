#include "result.hpp"

#include <algorithm>
#include <array>
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

bool is_released(std::string_view bytes) noexcept {
  return !bytes.empty() && std::all_of(bytes.begin(), bytes.end(),
                                       [](char byte) { return static_cast<unsigned char>(byte) == released_byte; });
}

// The ways of reading wrongly that are tried, in order: each with the elements as they are then seen.
std::vector<std::pair<Misreading, std::string>> ways_of(const engine::PlannedMemory& plan, const char* memory) {
  std::vector<std::pair<Misreading, std::string>> ways =
      misreadings_of(plan.described(), reinterpret_cast<std::uintptr_t>(memory));
  if (!plan.elements().empty())
    ways.emplace_back(Misreading::released, std::string(plan.elements().size(), static_cast<char>(released_byte)));
  return ways;
}

// As what a consumer was told to read the elements.
struct Reading {
  std::string format;
  ssize itemsize = 1;
  const ssize* shape = nullptr;
  int ndim = 1;
  ssize extent = 0;
};

// Nothing where it was told of items without being told what they are.
bool reading_of(const Consumed& consumed, const engine::PlannedMemory& plan, Reading& reading) {
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

bool was_refused_all(const Consumed& consumed) {
  return !consumed.requests.empty() && std::none_of(consumed.requests.begin(), consumed.requests.end(),
                                                    [](const Consumed::Request& one) { return one.granted; });
}

}  // namespace

Ref ResultComparison::call_plain(const std::string& elements, std::string* memory) {
  const bool fills = declared_.kind == ConsumerKind::fills;
  const auto size = static_cast<Py_ssize_t>(elements.size());
  const Ref plain(fills ? PyByteArray_FromStringAndSize(elements.data(), size)
                        : PyBytes_FromStringAndSize(elements.data(), size));
  Ref result(plain ? PyObject_CallFunctionObjArgs(declared_.callable.get(), plain.get(), nullptr) : nullptr);
  PyErr_Clear();
  if (result && fills && memory != nullptr)
    memory->assign(PyByteArray_AsString(plain.get()), static_cast<std::size_t>(PyByteArray_Size(plain.get())));
  return result;
}

const ResultComparison::Plain& ResultComparison::plain_of(const std::string& elements) {
  if (const auto found = known_.find(elements); found != known_.end()) return found->second;
  if (known_.size() >= most_known || known_bytes_ > most_known_bytes) {
    known_.clear();
    known_bytes_ = 0;
  }
  known_bytes_ += elements.size();
  Plain& plain = known_[elements];
  plain.result = call_plain(elements, &plain.memory);
  if (!plain.result) return plain;
  // What differs from call to call, or cannot be compared at all, says nothing.
  std::string memory;
  const Ref again = call_plain(elements, &memory);
  plain.is_comparable = again && are_alike(plain.result.get(), again.get());
  plain.is_filling = again && memory == plain.memory && memory.size() == elements.size();
  return plain;
}

void ResultComparison::prepare(const engine::PlannedMemory& plan) {
  plain_ = nullptr;
  const bool needs_plain = declared_.returns == Returns::same_as_bytes || declared_.kind == ConsumerKind::fills;
  if (needs_plain) plain_ = &plain_of(plan.elements());
}

void ResultComparison::compare(PyObject* result, const engine::PlannedMemory& plan, const char* memory,
                               Consumed& consumed) {
  // Of what was never shown nothing can be read.
  if (was_refused_all(consumed)) return;
  switch (declared_.returns) {
    case Returns::none:
      return;
    case Returns::bytes:
      return compare_bytes(result, plan, memory, consumed);
    case Returns::same_as_bytes:
      return compare_with_plain(result, plan, memory, consumed);
    case Returns::list:
    case Returns::elements:
    case Returns::scalar:
      return compare_values(result, plan, memory, consumed);
  }
}

void ResultComparison::compare_bytes(PyObject* result, const engine::PlannedMemory& plan, const char* memory,
                                     Consumed& consumed) {
  const auto bytes = bytes_of(result);
  if (bytes && *bytes == plan.elements()) {
    consumed.result = Compared::right;
  } else if (bytes) {
    show_bytes(consumed, plan.described(), *bytes, reinterpret_cast<std::uintptr_t>(memory));
    if (is_released(*bytes)) consumed.misreading = Misreading::released;
  } else {
    consumed.result = Compared::wrong;
    consumed.difference = {Aspect::no_bytes, -1, static_cast<ssize>(plan.elements().size()),
                           value::Text{shown(result)}};
  }
}

void ResultComparison::compare_values(PyObject* result, const engine::PlannedMemory& plan, const char* memory,
                                      Consumed& consumed) {
  Reading reading;
  if (!reading_of(consumed, plan, reading)) return;
  if (declared_.returns == Returns::scalar && plan.count() != 1) return;
  const auto expected_of = [&](std::string_view bytes) -> Ref {
    Ref flat = values_of(bytes, reading.format, reading.itemsize);
    if (!flat || declared_.returns == Returns::elements) return flat;
    if (declared_.returns == Returns::scalar)
      return PyList_Size(flat.get()) == 1 ? Ref::borrowed(PyList_GetItem(flat.get(), 0)) : Ref();
    return nested(flat.get(), reading.shape, reading.ndim);
  };
  const Ref expected = expected_of(plan.elements());
  if (!expected) return;
  Ref given = Ref::borrowed(result);
  if (declared_.returns == Returns::elements) given.reset(PySequence_List(result));
  PyErr_Clear();
  consumed.result = given && are_equal(given.get(), expected.get()) ? Compared::right : Compared::wrong;
  if (consumed.result == Compared::right) return;
  consumed.difference = {Aspect::result, -1, value::Text{shown(expected.get())},
                         value::Text{shown(given ? given.get() : result)}};
  for (const auto& [misreading, bytes] : ways_of(plan, memory)) {
    const Ref wrong = given ? expected_of(bytes) : Ref();
    if (!wrong || !are_equal(given.get(), wrong.get())) continue;
    consumed.misreading = misreading;
    return;
  }
  for (const char* format : other_formats) {
    if (reading.format == format) continue;
    reading.format = format;
    const Ref wrong = given ? expected_of(plan.elements()) : Ref();
    if (wrong && are_equal(given.get(), wrong.get())) consumed.misreading = Misreading::other_format;
  }
}

void ResultComparison::compare_with_plain(PyObject* result, const engine::PlannedMemory& plan, const char* memory,
                                          Consumed& consumed) {
  if (plain_ == nullptr || !plain_->is_comparable) return;
  PyObject* const expected = plain_->result.get();
  consumed.result = are_alike(result, expected) ? Compared::right : Compared::wrong;
  if (consumed.result == Compared::right) return;
  consumed.difference = {Aspect::result_as_of_bytes, -1, value::Text{shown(expected)}, value::Text{shown(result)}};
  for (const auto& [misreading, bytes] : ways_of(plan, memory)) {
    const Ref wrong = call_plain(bytes, nullptr);
    if (!wrong || !are_alike(result, wrong.get())) continue;
    consumed.misreading = misreading;
    return;
  }
}

void ResultComparison::compare_filled(const std::string& elements, const engine::PlannedMemory& plan,
                                      Consumed& consumed) const {
  const bool is_judged = declared_.kind == ConsumerKind::fills && plain_ != nullptr && plain_->is_filling &&
                         !plan.is_shared() && !plan.described().readonly && !was_refused_all(consumed);
  if (!is_judged) return;
  consumed.filled = elements == plain_->memory ? Compared::right : Compared::wrong;
  if (consumed.filled == Compared::right) return;
  consumed.difference = difference_of(plain_->memory, elements);
  consumed.difference.aspect =
      consumed.difference.aspect == Aspect::length ? Aspect::filled_length : Aspect::filled_byte;
}

}  // namespace bufspec::cpython
