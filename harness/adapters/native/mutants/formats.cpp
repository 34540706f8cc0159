// Faults in the size of a format, each a way in which a parser of formats goes wrong.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <string>
#include <string_view>

#include "faults.hpp"

namespace bufspec::native {

namespace {

constexpr std::string_view orders = "@=<>!^";
constexpr bufspec_ssize most_bytes = 1 << 16;  // of formats whose items are counted one by one

bufspec_ssize size_of(const std::string& format) { return right().size_from_format(format.c_str()); }

bool is_order(char one) { return orders.find(one) != std::string_view::npos; }
bool is_digit(char one) { return std::isdigit(static_cast<unsigned char>(one)) != 0; }
bool is_native(const std::string& format) { return format.empty() || !is_order(format[0]) || format[0] == '@'; }

std::string with(std::string text, std::string_view from, std::string_view to) {
  for (char& one : text)
    if (const auto at = from.find(one); at != std::string_view::npos) one = to[at];
  return text;
}

std::string without(std::string text, bool (*drops)(char)) {
  text.erase(std::remove_if(text.begin(), text.end(), drops), text.end());
  return text;
}

// The codes of a format with their counts, one text each, and the order before each.
template <typename Visit>
void each_code(const std::string& format, Visit visit) {
  const std::string order = !format.empty() && is_order(format[0]) ? format.substr(0, 1) : "";
  std::string count;
  for (std::size_t i = order.size(); i < format.size(); ++i) {
    if (is_digit(format[i])) {
      count += format[i];
    } else if (format[i] != ' ') {
      visit(order, count, format[i]);
      count.clear();
    }
  }
}

bufspec_ssize taken_as(bufspec_ssize size, bufspec_ssize instead) {
  if (size >= 0) return size;
  static_cast<void>(right().exception());
  return instead;
}

#define SIZE(id, ...) \
  {id, [](bufspec_functions& set) { set.size_from_format = [](const char* text) -> bufspec_ssize { __VA_ARGS__ }; }}

constexpr Fault faults[] {
  SIZE("native_long_of_four", const std::string format = text;
       return size_of(is_native(format) ? with(format, "lL", "iI") : format);),
      SIZE("standard_long_of_eight", const std::string format = text;
           return size_of(is_native(format) ? format : with(format, "lL", "qQ"));),
      SIZE("native_codes_in_standard_order", const std::string format = text;
           return size_of(is_native(format) ? format : with(format, "nNP", "qQQ"));),
      SIZE("standard_without_order", const std::string format = text;
           return size_of(!format.empty() && is_order(format[0]) ? format : "=" + format);),
      SIZE("order_in_the_middle", std::string format = text; if (format.size() < 2) return size_of(format);
           return size_of(format[0] + without(format.substr(1), is_order));),
      SIZE("native_without_padding", bufspec_ssize size = 0; const std::string format = text;
           if (!is_native(format) || size_of(format) < 0) return size_of(format);
           each_code(format, [&](const std::string& order, const std::string& count,
                                 char code) { size += size_of(order + count + code); });
           return size;),
      SIZE("padded_at_the_end", const std::string format = text; const bufspec_ssize size = size_of(format);
           if (size <= 0 || size > most_bytes || !is_native(format)) return size; bufspec_ssize largest = 1;
           each_code(format,
                     [&](const std::string&, const std::string&, char code) {
                       if (code != 's' && code != 'p') largest = std::max(largest, size_of(std::string(1, code)));
                     });
           return (size + largest - 1) / largest * largest;),
      SIZE("zero_count_skipped", std::string kept; const std::string format = text;
           if (size_of(format) < 0) return size_of(format);
           if (!format.empty() && is_order(format[0])) kept = format.substr(0, 1);
           each_code(format,
                     [&](const std::string&, const std::string& count, char code) {
                       if (count != "0") kept += count + code;
                     });
           return size_of(kept);),
      SIZE("standard_padded", const std::string format = text; if (is_native(format)) return size_of(format);
           return size_of("@" + with(format.substr(1), "lL", "iI"));),
      SIZE("repeats_aligned_each", bufspec_ssize size = 0; const std::string format = text;
           if (!is_native(format) || size_of(format) < 0 || size_of(format) > most_bytes) return size_of(format);
           each_code(format,
                     [&](const std::string&, const std::string& count, char code) {
                       const bool is_text = code == 's' || code == 'p';
                       const bufspec_ssize one = size_of(is_text ? count + code : std::string(1, code));
                       const bufspec_ssize times = is_text || count.empty() ? 1 : std::stol(count);
                       const bufspec_ssize alignment = is_text || code == 'x' ? 1
                                                       : times > 1            ? 8
                                                                              : std::max<bufspec_ssize>(one, 1);
                       if (times == 0) size = (size + alignment - 1) / alignment * alignment;
                       for (bufspec_ssize i = 0; i < times; ++i)
                         size = (size + alignment - 1) / alignment * alignment + one;
                     });
           return size;),
      SIZE("counts_ignored", return size_of(without(text, is_digit));),
      SIZE("text_of_one_byte", std::string kept; const std::string format = text;
           if (size_of(format) < 0) return size_of(format);
           if (!format.empty() && is_order(format[0])) kept = format.substr(0, 1);
           each_code(format, [&](const std::string&, const std::string& count,
                                 char code) { kept += (code == 's' || code == 'p' ? "" : count) + code; });
           return size_of(kept);),
      SIZE("count_without_code", std::string format = text;
           while (!format.empty() && is_digit(format.back())) format.pop_back(); return size_of(format);),
      SIZE("count_wraps", return taken_as(size_of(text), std::string_view(text).size() > 9 ? 0 : -1) == -1
                                     ? size_of(text)
                                     : taken_as(size_of(text), 0);),
      SIZE(
          "spaces_refused",
          if (std::string_view(text).find(' ') != std::string_view::npos) {
            right().set_exception(BUFSPEC_STRUCT_ERROR);
            return -1;
          } return size_of(text);),
      SIZE("additions_accepted", const std::string_view format = text;
           return format.find_first_of("{}()^Z:O&uwgtX") == std::string_view::npos ? size_of(text)
                                                                                   : taken_as(size_of(text), 1);),
      SIZE("unknown_code_skipped", std::string kept; const std::string format = text;
           constexpr std::string_view known = "xcbB?hHiIlLqQnNefdspP";
           if (format.find_first_of("{}()^Z:O&uwgtX") != std::string::npos) return size_of(format);
           for (const char one : format) if (is_order(one) || is_digit(one) || one == ' ' ||
                                             known.find(one) != std::string_view::npos) kept += one;
           return size_of(kept);),
      SIZE("first_code_alone", const std::string format = text; if (size_of(format) < 0) return size_of(format);
           std::string first; each_code(format,
                                        [&](const std::string& order, const std::string& count, char code) {
                                          if (first.empty()) first = order + count + code;
                                        });
           return first.empty() ? size_of(format) : size_of(first);),
      SIZE("size_doubled", const bufspec_ssize size = size_of(text);
           return size > 0 && size <= most_bytes ? 2 * size : size;),
      SIZE("size_of_32_bits", return static_cast<std::int32_t>(size_of(text));),
      SIZE("error_not_set", return taken_as(size_of(text), -1);),
      SIZE("struct_error_is_value_error", const bufspec_ssize size = size_of(text);
           if (size < 0) right().set_exception(BUFSPEC_VALUE_ERROR); return size;),
};

#undef SIZE

}  // namespace

std::span<const Fault> faults_of_formats() noexcept { return faults; }

}  // namespace bufspec::native
