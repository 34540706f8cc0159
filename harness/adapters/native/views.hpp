// What the calls about memoryviews share: a view of a memory, and what a view says of itself.  Private to this folder.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "calls.hpp"

namespace bufspec::native {

// A memoryview of the library, given up at the end.
class View {
 public:
  View(const bufspec_functions& functions, bufspec_object* object) noexcept : functions_(functions), object_(object) {}
  ~View() {
    if (object_ != nullptr) functions_.drop(object_);
  }
  View(const View&) = delete;
  View& operator=(const View&) = delete;
  [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }
  [[nodiscard]] bufspec_object* get() const noexcept { return object_; }

 private:
  const bufspec_functions& functions_;
  bufspec_object* object_;
};

// A memory and a view of it; the view goes first.
struct Viewed {
  Viewed(const bufspec_functions& functions, const Layout& layout)
      : exporter(functions, layout), view(functions, functions.memoryview_from_object(exporter.object())) {}
  Viewed(const bufspec_functions& functions, const TableValue& layout) : Viewed(functions, layout_in(layout)) {}

  Given exporter;
  View view;
};

// What a view says of itself: its extents and what else memoryview has attributes of.
[[nodiscard]] TableValue shape_of(const bufspec_functions& functions, const View& view);

// The number of each element, as a struct shows them, which must lie in `block`; nothing where one does not.
[[nodiscard]] std::vector<ssize> elements_in(const bufspec_buffer& view, std::span<char> block);

// A copy of the bytes that a struct claims to have in a line from buf on; nothing where there are not so many to be read.
[[nodiscard]] std::optional<std::string> bytes_of(const bufspec_buffer& view);

// A bound of a slice, which may be left out.
[[nodiscard]] bufspec_ssize bound_in(const TableValue& given, const char* key);

// Whether there are the functions without which nothing can be seen of a memoryview.
[[nodiscard]] bool has_views(const bufspec_functions& functions) noexcept;

}  // namespace bufspec::native
