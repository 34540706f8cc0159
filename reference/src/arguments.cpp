// What does an argument code take from an object?
// Whatever fails leaves no buffer held.
#include "bufspec/arguments.hpp"

#include <algorithm>

namespace bufspec {

namespace {

Status bytes_from(Object& object, int word, Buffer& view, std::uint32_t runtime) noexcept {
  if (const Status status = get_buffer(object, view, word, Edition::current, runtime); !status.ok()) return status;
  if (is_contiguous(view, 'C')) return {};
  release(view);
  return {Error::type_error, "the buffer is not contiguous"};
}

Status bytes_of_text(Text& text, Buffer& view, std::uint32_t runtime) noexcept {
  if (!text.is_encodable()) return {Error::unicode_encode_error, "the text has no UTF-8"};
  std::string& utf8 = text.utf8();
  return fill_info(&view, &text, utf8.data(), static_cast<ssize>(utf8.size()), true, flag::SIMPLE, Edition::current,
                   runtime);
}

}  // namespace

Status parse_argument(std::string_view code, Object& object, Buffer& view, std::uint32_t runtime) noexcept {
  if (code == "w*") {
    const Status status = bytes_from(object, flag::WRITABLE, view, runtime);
    return status.ok() ? status : Status{Error::type_error, "a read-write bytes-like object is required"};
  }
  const bool takes_text = code == "s*" || code == "z*";
  if (!takes_text && code != "y*") return {Error::system_error, "an unknown argument code"};
  if (code == "z*" && object.kind() == ObjectKind::none)
    return fill_info(&view, nullptr, nullptr, 0, true, flag::SIMPLE, Edition::current, runtime);
  if (auto* text = dynamic_cast<Text*>(&object); takes_text && text != nullptr)
    return bytes_of_text(*text, view, runtime);
  return bytes_from(object, flag::SIMPLE, view, runtime);
}

Status parse_arguments(std::span<const std::string_view> codes, std::span<Object* const> objects,
                       std::span<Buffer> views, std::uint32_t runtime) noexcept {
  if (codes.size() != objects.size() || codes.size() != views.size())
    return {Error::type_error, "not as many arguments as codes"};
  for (std::size_t i = 0; i < codes.size(); ++i) {
    const Status status = parse_argument(codes[i], *objects[i], views[i], runtime);
    if (status.ok()) continue;
    while (i-- > 0) release(views[i]);
    return status;
  }
  return {};
}

Result<std::string_view> borrow_argument(std::string_view code, Object& object, std::uint32_t runtime) noexcept {
  using Borrowed = Result<std::string_view>;
  std::string_view owning;
  for (const std::string_view known : {"y*", "s*", "z*"})
    if (code.size() == 2 && code[1] == '#' && code[0] == known[0]) owning = known;
  if (owning.empty()) return Borrowed::failure(Error::system_error, "an unknown argument code");
  if (object.is_exporter() && object.has_release_slot())
    return Borrowed::failure(Error::type_error, "a read-only bytes-like object is required");
  Buffer view{};
  const Status status = parse_argument(owning, object, view, runtime);
  if (!status.ok()) return Borrowed::failure(status.error, status.reason);
  const std::string_view bytes{static_cast<const char*>(view.buf),
                               static_cast<std::size_t>(std::max<ssize>(view.len, 0))};
  release(view);
  return Borrowed::success(bytes);
}

}  // namespace bufspec
