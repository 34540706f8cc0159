// Faults of the parser of arguments.
#include <string_view>

#include "faults.hpp"

namespace bufspec::native {

namespace {

// As parse_argument(), by another code where the code is `code`.
int by_another_code(bufspec_object* object, const char* given, bufspec_buffer* view, std::string_view code,
                    const char* instead) {
  return right().parse_argument(object, given == code ? instead : given, view);
}

#define PARSE(id, ...)                                                                                               \
  {id, [](bufspec_functions& set) {                                                                                  \
     set.parse_argument = [](bufspec_object* object, const char* code, bufspec_buffer* view) -> int { __VA_ARGS__ }; \
   }}

// Each by itself, one after the other; what was filled before a failure stays.
int parse_and_keep(int count, bufspec_object* const* objects, const char* const* codes, bufspec_buffer* views) {
  for (int i = 0; i < count; ++i)
    if (right().parse_argument(objects[i], codes[i], &views[i]) != 0) return -1;
  return 0;
}

// The bytes of any exporter, which it may free or move by the release that is made here already.
int borrow_from_any(bufspec_object* object, const char* code, const char** bytes, bufspec_ssize* len) {
  if (object->type->release_buffer == nullptr) return right().borrow_argument(object, code, bytes, len);
  bufspec_buffer view;
  if (right().parse_argument(object, "y*", &view) != 0) return -1;
  *bytes = static_cast<const char*>(view.buf);
  *len = view.len;
  bufspec_release(&view);
  return 0;
}

constexpr Fault faults[] {
  PARSE("y_star_takes_text", return by_another_code(object, code, view, "y*", "s*");),
      PARSE("s_star_refuses_text", return by_another_code(object, code, view, "s*", "y*");),
      PARSE("z_star_refuses_none", return by_another_code(object, code, view, "z*", "s*");),
      PARSE("w_star_takes_readonly", return by_another_code(object, code, view, "w*", "y*");),
      PARSE("reason_of_exporter_lost", const int status = right().parse_argument(object, code, view);
            if (status != 0) right().set_exception(BUFSPEC_TYPE_ERROR); return status;),
      {"earlier_arguments_kept", put<&Set::parse_arguments, parse_and_keep>()},
      {"borrowed_from_any_exporter", put<&Set::borrow_argument, borrow_from_any>()},
};

#undef PARSE

}  // namespace

std::span<const Fault> faults_of_arguments() noexcept { return faults; }

}  // namespace bufspec::native
