#include "arguments.hpp"

#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/arguments.hpp"
#include "foreign.hpp"

namespace bufspec::native {

namespace {

int status_of(Status status) {
  if (status.ok()) return 0;
  last_error() = status.error;
  return -1;
}

const char* utf8_of(bufspec_object& object, bufspec_ssize* length) {
  return object.type->utf8 != nullptr ? object.type->utf8(&object, length) : nullptr;
}

// The object as the reference's parser takes it.
std::unique_ptr<Object> object_from(bufspec_object& object) {
  if (object.type->kind == BUFSPEC_IS_TEXT) {
    bufspec_ssize length = 0;
    const char* const utf8 = utf8_of(object, &length);
    constexpr const char* no_utf8 = "\xed\xa0\x80";  // a lone surrogate, which no UTF-8 has
    return std::make_unique<Text>(utf8 != nullptr ? std::string(utf8, static_cast<std::size_t>(length)) : no_utf8);
  }
  if (object.type->kind == BUFSPEC_IS_NONE) return std::make_unique<Object>(ObjectKind::none);
  if (object.type->get_buffer != nullptr) return std::make_unique<ForeignObject>(object);
  return std::make_unique<Object>(ObjectKind::number);
}

// Makes of what the parser filled in what the caller is given: a view of the caller's own object.
void give(bufspec_object& object, Buffer& filled, bufspec_buffer& view) {
  if (filled.obj != nullptr && object.type->kind == BUFSPEC_IS_TEXT) {
    bufspec_ssize length = 0;
    filled.buf = const_cast<char*>(utf8_of(object, &length));
    filled.obj = &object;
    ++object.references;
  } else if (filled.obj != nullptr) {
    ForeignObject::unwrap(filled);
  }
  std::memcpy(&view, &filled, sizeof filled);
}

int parse_argument(bufspec_object* object, const char* code, bufspec_buffer* view) {
  const auto made = object_from(*object);
  Buffer filled{};
  const Status status = bufspec::parse_argument(code, *made, filled);
  if (status.ok()) give(*object, filled, *view);
  return status_of(status);
}

int parse_arguments(int count, bufspec_object* const* objects, const char* const* codes, bufspec_buffer* views) {
  std::vector<std::unique_ptr<Object>> made;
  std::vector<Object*> passed;
  std::vector<std::string_view> names;
  for (int i = 0; i < count; ++i) {
    made.push_back(object_from(*objects[i]));
    passed.push_back(made.back().get());
    names.emplace_back(codes[i]);
  }
  std::vector<Buffer> filled(made.size());
  const Status status = bufspec::parse_arguments(names, passed, filled);
  for (std::size_t i = 0; status.ok() && i < filled.size(); ++i) give(*objects[i], filled[i], views[i]);
  return status_of(status);
}

int borrow_argument(bufspec_object* object, const char* code, const char** bytes, bufspec_ssize* len) {
  const auto made = object_from(*object);
  const Result<std::string_view> borrowed = bufspec::borrow_argument(code, *made);
  if (!borrowed.ok()) return status_of({borrowed.error, ""});
  *bytes = object->type->kind == BUFSPEC_IS_TEXT ? utf8_of(*object, len) : borrowed.value.data();
  *len = static_cast<bufspec_ssize>(borrowed.value.size());
  return 0;
}

}  // namespace

void add_arguments(bufspec_functions& functions) {
  functions.parse_argument = parse_argument;
  functions.parse_arguments = parse_arguments;
  functions.borrow_argument = borrow_argument;
}

}  // namespace bufspec::native
