#include "given.hpp"

#include <cstring>
#include <utility>

#include "suites/support/case_values.hpp"

namespace bufspec::native {

namespace {

// READ and WRITE alone are reserved by the library's function since the version after this one; by no slot.
constexpr std::uint32_t nothing_reserved = 0x030c0000;

}  // namespace

Given::Given(const bufspec_functions& functions, int kind) noexcept : functions_(functions), self_{{&type_, 1}, this} {
  type_.kind = kind;
}

Given::Given(const bufspec_functions& functions, const Layout& layout, bool has_release) : Given(functions) {
  build_memory(memory_, layout);
  type_.get_buffer = get_buffer;
  if (has_release) type_.release_buffer = release_buffer;
}

Given::Given(const bufspec_functions& functions, std::string text, bool is_utf8) : Given(functions, BUFSPEC_IS_TEXT) {
  text_ = std::move(text);
  is_utf8_ = is_utf8;
  type_.utf8 = utf8;
}

int Given::get_buffer(bufspec_object* self, bufspec_buffer* view, int flags) {
  Given& given = of(self);
  Buffer filled{};
  const Status status = given.memory_.get_buffer(flags, filled, Edition::current, nothing_reserved);
  if (!status.ok()) {
    view->obj = nullptr;
    given.functions_.set_exception(static_cast<bufspec_error>(status.error));
    return -1;
  }
  given.memory_.drop_reference();  // the reference that counts is the one to this object
  ++self->references;
  ++given.granted_;
  std::memcpy(view, &filled, sizeof *view);
  view->obj = self;
  return 0;
}

void Given::release_buffer(bufspec_object* self, bufspec_buffer* view) {
  Given& given = of(self);
  ++given.releases_;
  Buffer filled;
  std::memcpy(&filled, view, sizeof filled);
  given.memory_.release_buffer(filled);
}

const char* Given::utf8(bufspec_object* self, bufspec_ssize* len) {
  const Given& given = of(self);
  *len = static_cast<bufspec_ssize>(given.text_.size());
  return given.is_utf8_ ? given.text_.c_str() : nullptr;
}

}  // namespace bufspec::native
