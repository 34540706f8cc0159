#include "finding_words.hpp"

#include <array>

#include "bufspec/trace.hpp"

namespace bufspec::cpython {

ssize number_in(const Value& value) noexcept {
  const auto* number = std::get_if<ssize>(&value);
  return number != nullptr ? *number : 0;
}

std::string number_of(const Value& value) { return std::to_string(number_in(value)); }

std::string text_in(const Value& value) {
  if (const auto* text = std::get_if<value::Text>(&value)) return text->text;
  if (const auto* exception = std::get_if<value::Exception>(&value)) return exception->name;
  return {};
}

std::string quoted(const Value& value) { return '"' + text_in(value) + '"'; }

std::string tuple_of(const Value& value) {
  std::string text;
  const auto* numbers = std::get_if<value::Integers>(&value);
  if (numbers == nullptr) return "()";
  for (const ssize number : numbers->values) text += (text.empty() ? "" : ", ") + std::to_string(number);
  return '(' + text + (numbers->values.size() == 1 ? ",)" : ")");
}

std::string names_of_fields(unsigned fields) {
  std::string text;
  for (std::size_t i = 0; i < field_names.size(); ++i)
    if ((fields >> i & 1) != 0) text += (text.empty() ? "" : ", ") + std::string(field_names[i]);
  return text;
}

std::string names_of_capabilities(const Value& value) {
  std::string text;
  const auto* set = std::get_if<value::Capabilities>(&value);
  for (unsigned bits = set != nullptr ? set->bits : 0; bits != 0; bits &= bits - 1)
    text += (text.empty() ? "" : ", ") + std::string(capability_name(bits & (0U - bits)));
  return text;
}

std::string pointer_in(const Value& value, std::string_view field) {
  const auto* pointer = std::get_if<Pointer>(&value);
  switch (pointer != nullptr ? *pointer : Pointer::readable) {
    case Pointer::null:
      return std::string(field) + " NULL";
    case Pointer::readable:
      return std::string(field) + " not NULL";
    case Pointer::untouched:
      return std::string(field) + " was not written";
    case Pointer::unreadable:
      return std::string(field) + " points at memory that cannot be read";
  }
  return {};
}

std::string more_or_fewer(const Value& found) {
  const ssize kept = number_in(found);
  return std::to_string(kept < 0 ? -kept : kept) + (kept < 0 ? " fewer" : " more");
}

std::string_view words_of(Misreading misreading) noexcept {
  constexpr std::array texts{
      std::string_view{""},
      std::string_view{"len bytes were taken from buf on, whatever the strides"},
      std::string_view{"suboffsets were not followed as they say"},
      std::string_view{"strides were taken to be positive"},
      std::string_view{"the elements were taken in Fortran order"},
      std::string_view{"itemsize was used where bytes were asked for"},
      std::string_view{"the byte order of the format was not heeded"},
      std::string_view{"the memory was read after its release"},
      std::string_view{"something was read of a memory without elements"},
      std::string_view{"the stride of an extent of 1 was followed"},
      std::string_view{"addresses were rounded down to the alignment of the format"},
      std::string_view{"the bytes were read by another format"},
      std::string_view{"items were counted in place of bytes"},
  };
  const auto number = static_cast<std::size_t>(misreading);
  return number < texts.size() ? texts[number] : std::string_view{};
}

}  // namespace bufspec::cpython
