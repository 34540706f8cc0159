// The objects that a function of a library is given: an exporter of a layout, a text, None, or something that exports nothing.
#pragma once

#include <string>

#include "bufspec/exporter.hpp"
#include "bufspec_subject.h"

namespace bufspec::native {

class Given {
 public:
  // What exports nothing, and is no text.
  explicit Given(const bufspec_functions& functions, int kind = BUFSPEC_IS_OBJECT) noexcept;
  // An exporter of that memory, with a slot for releases or without; UnusableCase if it cannot be built.
  Given(const bufspec_functions& functions, const Layout& layout, bool has_release = true);
  // A text of this UTF-8, which may be none.
  Given(const bufspec_functions& functions, std::string text, bool is_utf8);
  Given(const Given&) = delete;
  Given& operator=(const Given&) = delete;

  [[nodiscard]] bufspec_object* object() noexcept { return &self_.object; }
  [[nodiscard]] Exporter& memory() noexcept { return memory_; }
  [[nodiscard]] int releases() const noexcept { return releases_; }
  // Requests that were granted and not released.
  [[nodiscard]] int held() const noexcept { return granted_ - releases_; }
  // References to it beyond our own.
  [[nodiscard]] bufspec_ssize references_kept() const noexcept { return self_.object.references - 1; }

 private:
  struct Self {
    bufspec_object object;
    Given* given;
  };
  static Given& of(bufspec_object* self) noexcept { return *reinterpret_cast<Self*>(self)->given; }
  static int get_buffer(bufspec_object* self, bufspec_buffer* view, int flags);
  static void release_buffer(bufspec_object* self, bufspec_buffer* view);
  static const char* utf8(bufspec_object* self, bufspec_ssize* len);

  const bufspec_functions& functions_;
  bufspec_type type_{};
  Self self_;
  Exporter memory_;
  std::string text_;
  bool is_utf8_ = false;
  int granted_ = 0;
  int releases_ = 0;
};

}  // namespace bufspec::native
