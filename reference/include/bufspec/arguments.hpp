// Argument codes: what y*, s*, z*, w* and the codes with # take from an object.
// Table: spec/tables/80-arguments.yaml (rules argument.*).
// One argument, or several in a row; the other codes of argument parsing are not here.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "bufspec/errors.hpp"
#include "bufspec/functions.hpp"
#include "bufspec/object.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// Fills `view` from the object by a code that ends in "*": "y*", "s*", "z*" or "w*".
//
// y* takes an exporter of C-contiguous bytes [argument.y_star.contiguous_bytes]; s* also a text, shown as
// read-only UTF-8 [argument.s_star.text_as_utf8]; z* also none, for which buf and obj are null
// [argument.z_star.none_is_empty]; w* an exporter of writable C-contiguous bytes [argument.w_star.writable_bytes].
// The caller owes one release().
// Fails, with nothing held: type_error for objects that the code does not take, unicode_encode_error for a text
// without UTF-8, the exporter's own error for y*, s* and z* [argument.error.exporter_reason_kept], type_error for
// whatever w* is refused; system_error for an unknown code.
[[nodiscard]] Status parse_argument(std::string_view code, Object& object, Buffer& view,
                                    std::uint32_t runtime = latest_runtime) noexcept;

// Fills one view from each object; if one fails, those before it are released [argument.release.exactly_once].
// Requires: as many codes, objects and views.
[[nodiscard]] Status parse_arguments(std::span<const std::string_view> codes, std::span<Object* const> objects,
                                     std::span<Buffer> views, std::uint32_t runtime = latest_runtime) noexcept;

// The bytes that "y#", "s#" or "z#" point at; no data() for none.  They are borrowed: nothing is held.
//
// Fails: type_error for an exporter with a release slot [argument.borrowed.no_release_slot] and for objects that
// the code does not take, else as parse_argument().
[[nodiscard]] Result<std::string_view> borrow_argument(std::string_view code, Object& object,
                                                       std::uint32_t runtime = latest_runtime) noexcept;

}  // namespace bufspec
