// How large is a format by the grammar of the struct module, and which letters are codes at all?
// The PEP 3118 grammar is in format_parser.cpp; nothing here knows of structures or names.
#include <limits>

#include "bufspec/format.hpp"
#include "format_codes.hpp"

namespace bufspec {

namespace format_codes {

namespace {

// A code with the size and alignment that the compiler gives T.
template <typename T>
constexpr Code native(FormatKind kind, std::uint8_t standard) noexcept {
  return {kind, sizeof(T), alignof(T), standard, standard, true, false};
}

constexpr std::uint8_t pointer_size = 8;
constexpr std::uint8_t long_double_size = 16;

// A code that the struct module has in no order.
constexpr Code only_pep3118(FormatKind kind, std::uint8_t size, std::uint8_t alignment, std::uint8_t pep) noexcept {
  Code code;
  code.kind = kind;
  code.native_size = size;
  code.native_alignment = alignment;
  code.pep_size = pep;
  return code;
}

// The same, of characters or bits: a count is the length of one element.
constexpr Code length_of_pep3118(FormatKind kind, std::uint8_t size) noexcept {
  Code code = only_pep3118(kind, size, size, size);
  code.counts_length = true;
  return code;
}

}  // namespace

Code code_of(char letter) noexcept {
  using Kind = FormatKind;
  switch (letter) {
    case 'x':
      return native<char>(Kind::pad, 1);
    case 'c':
      return native<char>(Kind::character, 1);
    case 'b':
      return native<signed char>(Kind::signed_integer, 1);
    case 'B':
      return native<unsigned char>(Kind::unsigned_integer, 1);
    case '?':
      return native<bool>(Kind::boolean, 1);
    case 'h':
      return native<short>(Kind::signed_integer, 2);
    case 'H':
      return native<unsigned short>(Kind::unsigned_integer, 2);
    case 'i':
      return native<int>(Kind::signed_integer, 4);
    case 'I':
      return native<unsigned int>(Kind::unsigned_integer, 4);
    case 'l':
      return native<long>(Kind::signed_integer, 4);
    case 'L':
      return native<unsigned long>(Kind::unsigned_integer, 4);
    case 'q':
      return native<long long>(Kind::signed_integer, 8);
    case 'Q':
      return native<unsigned long long>(Kind::unsigned_integer, 8);
    case 'n':
      return native<ssize>(Kind::signed_integer, 0);
    case 'N':
      return native<std::size_t>(Kind::unsigned_integer, 0);
    case 'e':
      return native<std::int16_t>(Kind::real, 2);
    case 'f':
      return native<float>(Kind::real, 4);
    case 'd':
      return native<double>(Kind::real, 8);
    case 's':
      return {Kind::bytes, 1, 1, 1, 1, true, true};
    case 'p':
      return {Kind::pascal_string, 1, 1, 1, 1, true, true};
    case 'P':
      return {Kind::pointer, sizeof(void*), alignof(void*), 0, pointer_size, true, false};
    case 'F':
      return complex_of('f');
    case 'D':
      return complex_of('d');
    case 'O':
      return only_pep3118(Kind::object, sizeof(void*), alignof(void*), pointer_size);
    case 'g':
      return only_pep3118(Kind::real, sizeof(long double), alignof(long double), long_double_size);
    case 'u':
      return length_of_pep3118(Kind::ucs2, 2);
    case 'w':
      return length_of_pep3118(Kind::ucs4, 4);
    case 't':
      return length_of_pep3118(Kind::bits, 1);
    default:
      return {};
  }
}

Code complex_of(char letter) noexcept {
  Code code = code_of(letter);
  if (code.kind != FormatKind::real || letter == 'e') return {};
  code.kind = FormatKind::complex;
  code.native_size = static_cast<std::uint8_t>(2 * code.native_size);
  code.standard_size = static_cast<std::uint8_t>(2 * code.standard_size);
  code.pep_size = static_cast<std::uint8_t>(2 * code.pep_size);
  return code;
}

bool read_number(std::string_view text, std::size_t& position, ssize& number) noexcept {
  number = 0;
  for (; position < text.size() && is_digit(text[position]); ++position) {
    if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, text[position] - '0', &number))
      return false;
  }
  return true;
}

bool align_up(ssize& size, ssize alignment) noexcept {
  const ssize over = size % alignment;
  return over == 0 || !__builtin_add_overflow(size, alignment - over, &size);
}

}  // namespace format_codes

namespace {

using namespace format_codes;

Result<ssize> refused(const char* why) noexcept { return Result<ssize>::failure(Error::struct_error, why); }

// Whether the struct module of that version has the letter; it has had complex numbers since 3.14.
bool is_struct_code(char letter, const Code& code, std::uint32_t runtime) noexcept {
  if (!code.in_struct) return false;
  return (letter != 'F' && letter != 'D') || runtime >= python_3_14;
}

}  // namespace

Result<ssize> size_from_format(std::string_view text, std::uint32_t runtime) noexcept {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80)
      return Result<ssize>::failure(Error::value_error, "the format is not ASCII");

  std::size_t position = 0;
  bool is_native = true;
  if (!text.empty() && std::string_view("@=<>!").find(text[0]) != std::string_view::npos) {
    is_native = text[0] == '@';
    position = 1;
  }
  ssize total = 0;
  while (position < text.size()) {
    if (is_space(text[position])) {
      ++position;
      continue;
    }
    ssize count = 1;
    if (is_digit(text[position]) && !read_number(text, position, count)) return refused("the size does not fit");
    if (position == text.size()) return refused("a count without a code");
    const char letter = text[position++];
    Code code = code_of(letter);
    if (letter == 'Z' && runtime >= python_3_15 && position < text.size() && text[position] != 'g')
      code = complex_of(text[position++]);
    else if (!is_struct_code(letter, code, runtime))
      return refused("an unknown format character");
    const ssize size = is_native ? code.native_size : code.standard_size;
    if (size == 0) return refused("a code that exists in native order only");
    ssize bytes = 0;
    if ((is_native && !align_up(total, code.native_alignment)) || __builtin_mul_overflow(count, size, &bytes) ||
        __builtin_add_overflow(total, bytes, &total))
      return refused("the size does not fit");
  }
  return Result<ssize>::success(total);
}

bool is_native_single(std::string_view text, std::uint32_t runtime) noexcept {
  if (!text.empty() && text[0] == '@') text.remove_prefix(1);
  if (text.size() == 2 && text[0] == 'Z') return runtime >= python_3_15 && (text[1] == 'f' || text[1] == 'd');
  if (text.size() != 1) return false;
  if (text[0] == 'F' || text[0] == 'D') return runtime >= python_3_15;
  if (text[0] == 'e') return runtime >= python_3_12;
  return std::string_view("cbB?hHiIlLqQnNfdP").find(text[0]) != std::string_view::npos;
}

}  // namespace bufspec
