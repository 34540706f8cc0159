// The calls about what a memoryview shows of its elements and of itself: lists, hashes, sizes, orders, and what is written through it.
#include <algorithm>
#include <string>

#include "bufspec/functions.hpp"
#include "views.hpp"

namespace bufspec::native {

namespace {

TableValue from_object(const bufspec_functions& functions, const TableValue& given) {
  const Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  TableValue found = shape_of(functions, viewed.view);
  found.map.emplace_back("exports", TableValue::of(std::int64_t{viewed.exporter.held()}));
  return found;
}

TableValue is_view(const bufspec_functions& functions, const TableValue& given) {
  const std::string& what = text_in(given, "object");
  const Viewed viewed(functions, line_of_four());
  Given exporter(functions, line_of_four());
  Given number(functions);
  if (!viewed.view) return taken_error(functions);
  bufspec_object* const object = what == "memoryview"        ? viewed.view.get()
                                 : what == "exporter"        ? exporter.object()
                                 : what == "not_an_exporter" ? number.object()
                                                             : nullptr;
  if (object == nullptr) throw UnusableCase("no object " + what);
  return Found().put("result", functions.memoryview_check(object)).value();
}

TableValue size(const bufspec_functions& functions, const TableValue& given) {
  const Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  const bufspec_ssize bytes = functions.memoryview_nbytes(viewed.view.get());
  if (bytes < 0) return taken_error(functions);
  Found found;
  found.put("nbytes", bytes);
  const bufspec_ssize length = functions.memoryview_length(viewed.view.get());
  if (length >= 0)
    found.put("length", length);
  else
    found.put("length_error", taken_error(functions).map.front().second);
  return found.value();
}

TableValue to_readonly(const bufspec_functions& functions, const TableValue& given) {
  Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  const View view(functions, functions.memoryview_toreadonly(viewed.view.get()));
  if (!view) return taken_error(functions);
  TableValue found = shape_of(functions, view);
  const auto elements = elements_in(*functions.memoryview_get_buffer(view.get()), viewed.exporter.memory().block());
  const bool was_readonly = functions.memoryview_get_buffer(viewed.view.get())->readonly != 0;
  const TableValue more = Found().put("elements", elements).put("original_readonly", was_readonly).value();
  found.map.insert(found.map.end(), more.map.begin(), more.map.end());
  return found;
}

TableValue hash(const bufspec_functions& functions, const TableValue& given) {
  Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  bufspec_ssize found = 0;
  if (functions.memoryview_hash(viewed.view.get(), &found) != 0) return taken_error(functions);
  std::string bytes;
  Exporter& memory = viewed.exporter.memory();
  const auto count = count_of(memory.layout());
  for (ssize k = 0; k < count; ++k)
    bytes.append(element_at(memory, k), static_cast<std::size_t>(memory.layout().itemsize));
  const bufspec_ssize owed = functions.hash_of_bytes(bytes.data(), static_cast<bufspec_ssize>(bytes.size()));
  return Found().put("of_bytes", found == owed).value();
}

TableValue contiguity(const bufspec_functions& functions, const TableValue& given) {
  const Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  const auto has = [&](char order) { return functions.memoryview_contiguous(viewed.view.get(), order) == 1; };
  return Found().put("c", has('C')).put("f", has('F')).put("any", has('A')).value();
}

// The lists that a library makes, with elements by their numbers.
struct Lists {
  explicit Lists(ssize itemsize) : handed{{begin, item, end}, this}, size(itemsize) {}
  Lists(const Lists&) = delete;
  Lists& operator=(const Lists&) = delete;

  struct Handed {
    bufspec_list list;
    Lists* lists;
  };
  static Lists& of(bufspec_list* self) noexcept { return *reinterpret_cast<Handed*>(self)->lists; }
  static void begin(bufspec_list* self) { of(self).open.push_back(TableValue::empty_list()); }
  static void item(bufspec_list* self, const void* bytes) {
    const std::string_view element{static_cast<const char*>(bytes), static_cast<std::size_t>(of(self).size)};
    of(self).add(TableValue::of(std::int64_t{element_numbers(element, of(self).size).front()}));
  }
  static void end(bufspec_list* self) {
    Lists& lists = of(self);
    if (lists.open.size() < 2) {  // more lists end than began
      lists.is_whole = false;
      return;
    }
    TableValue made = std::move(lists.open.back());
    lists.open.pop_back();
    lists.add(std::move(made));
  }
  void add(TableValue value) { open.back().list.push_back(std::move(value)); }
  // What was made; a text where the lists that began and ended do not make one value.
  [[nodiscard]] TableValue made() {
    if (!is_whole || open.size() != 1 || open.front().list.size() != 1)
      return TableValue::of(std::string("no one value"));
    return std::move(open.front().list.front());
  }

  Handed handed;
  ssize size;
  std::vector<TableValue> open{TableValue::empty_list()};
  bool is_whole = true;
};

TableValue tolist(const bufspec_functions& functions, const TableValue& given) {
  const Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  Lists lists(layout_in(given).itemsize);
  if (functions.memoryview_tolist(viewed.view.get(), &lists.handed.list) != 0) return taken_error(functions);
  return Found().put("elements", lists.made()).value();
}

// What the memory holds afterwards, or the error.
TableValue held_after(const bufspec_functions& functions, int returned, Exporter& memory) {
  if (returned != 0) return taken_error(functions);
  return Found().put("elements", element_numbers(memory.buf(), geometry_of(memory.layout()))).value();
}

TableValue assign_item(const bufspec_functions& functions, const TableValue& given) {
  Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  std::vector<ssize> index = numbers_in(given, "index");
  const int count = static_cast<int>(index.size());
  index.push_back(0);  // so that there is an array for no dimensions too
  std::string bytes;
  bufspec_value value{BUFSPEC_VALUE_OF_ITEM, nullptr};
  bool is_deleted = false;
  if (given.find("value") == nullptr) {
    bytes = elements_from(static_cast<ssize>(number_in(given, "number")), 1, layout_in(given).itemsize);
    value.bytes = bytes.data();
  } else {
    const std::string& what = text_in(given, "value");
    is_deleted = what == "deleted";
    value.kind = what == "text" ? BUFSPEC_VALUE_OF_TEXT : BUFSPEC_VALUE_TOO_LARGE;
  }
  const int returned =
      functions.memoryview_assign_item(viewed.view.get(), count, index.data(), is_deleted ? nullptr : &value);
  return held_after(functions, returned, viewed.exporter.memory());
}

TableValue assign_slice(const bufspec_functions& functions, const TableValue& given) {
  Viewed viewed(functions, given);
  if (!viewed.view) return taken_error(functions);
  const auto assign = [&](const View& source) {
    if (!source) return taken_error(functions);
    const int returned =
        functions.memoryview_assign_slice(viewed.view.get(), bound_in(given, "start"), bound_in(given, "stop"),
                                          static_cast<ssize>(number_in(given, "step", 1)), source.get());
    return held_after(functions, returned, viewed.exporter.memory());
  };
  if (const TableValue* const other = given.find("source"); other != nullptr) {
    Viewed source(functions, *other);
    // What is copied is told from what was there by its numbers.
    Exporter& memory = source.exporter.memory();
    const auto size = static_cast<std::size_t>(memory.layout().itemsize);
    for (ssize k = 0; k < count_of(memory.layout()); ++k)
      element_bytes(first_of_source + k, {element_at(memory, k), size});
    return assign(source.view);
  }
  const TableValue& part = map_in(given, "source_slice");
  const View source(functions,
                    functions.memoryview_slice(viewed.view.get(), bound_in(part, "start"), bound_in(part, "stop"),
                                               static_cast<ssize>(number_in(part, "step", 1))));
  return assign(source);
}

#define HAS(...) [](const bufspec_functions& has) { return has_views(has) && __VA_ARGS__; }

constexpr NativeCall calls[]{
    {"memoryview_from_object", from_object, HAS(true)},
    {"memoryview_check", is_view, HAS(has.memoryview_check != nullptr)},
    {"memoryview_size", size, HAS(has.memoryview_nbytes != nullptr && has.memoryview_length != nullptr)},
    {"memoryview_toreadonly", to_readonly, HAS(has.memoryview_toreadonly != nullptr)},
    {"memoryview_hash", hash, HAS(has.memoryview_hash != nullptr && has.hash_of_bytes != nullptr)},
    {"memoryview_contiguous", contiguity, HAS(has.memoryview_contiguous != nullptr)},
    {"memoryview_tolist", tolist, HAS(has.memoryview_tolist != nullptr)},
    {"memoryview_assign_item", assign_item, HAS(has.memoryview_assign_item != nullptr)},
    {"memoryview_assign_slice", assign_slice,
     HAS(has.memoryview_assign_slice != nullptr && has.memoryview_slice != nullptr)},
};

#undef HAS

}  // namespace

std::span<const NativeCall> value_calls() noexcept { return calls; }

}  // namespace bufspec::native
