// Objects of bufspec_subject.h as the reference takes objects: its functions and its memoryview work on Object alone.
#pragma once

#include <string>

#include "bufspec/object.hpp"
#include "bufspec_subject.h"

namespace bufspec::native {

// The error that the last call of the library set.
[[nodiscard]] Error& last_error() noexcept;

// An object of somebody's, behind the reference's interface.  A view's obj is this object, which must outlive it; what the view was
// when the object filled it is kept in `internal`.
class ForeignObject final : public Object {
 public:
  explicit ForeignObject(bufspec_object& object) noexcept : Object(ObjectKind::exporter), object_(object) {}

  [[nodiscard]] bufspec_object& object() const noexcept { return object_; }
  [[nodiscard]] bool is_exporter() const noexcept override { return object_.type->get_buffer != nullptr; }
  [[nodiscard]] bool has_release_slot() const noexcept override { return object_.type->release_buffer != nullptr; }
  [[nodiscard]] Status get_buffer(int word, Buffer& view, Edition edition, std::uint32_t runtime) noexcept override;
  void release_buffer(Buffer& view) noexcept override;

  // Gives up the frame that get_buffer() put around a view: it is then as the object filled it.
  static void unwrap(Buffer& view) noexcept;

 private:
  bufspec_object& object_;
};

}  // namespace bufspec::native
