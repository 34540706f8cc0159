// Exporter: an object that owns a memory of any well-formed layout and answers every request for it by the rules.
// Tables: spec/tables/20-requests.yaml, 30-fields.yaml, 60-lifetime.yaml.
// The subject that breaks nothing.  It judges nobody, and answers only from its layout and the request.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "bufspec/element_bytes.hpp"
#include "bufspec/errors.hpp"
#include "bufspec/flags.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/object.hpp"
#include "bufspec/requests.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

// Limits of a memory that an Exporter makes; a layout beyond them is a memory_error.
inline constexpr ssize max_exporter_bytes = ssize{1} << 28;
inline constexpr ssize max_exporter_elements = ssize{1} << 22;

class Exporter final : public Object {
 public:
  Exporter() noexcept : Object(ObjectKind::exporter) {}

  // Makes the memory of `layout` and fills it: element k in C order holds `contents` of k, and where elements
  // share memory the lower k stays.  Tables of pointers and what they point to are made for a layout with
  // suboffsets, whose `offset` and `block` are not looked at; a pointer that is met twice (stride 0) is one
  // pointer.
  //
  // May be called again; the block is reused where it is large enough.
  // Fails, and leaves all as it was: buffer_error while exports are held [lifetime.*], the error of well_formed(),
  // value_error for pointers that overlap, memory_error beyond the limits above.
  [[nodiscard]] Status build(const Layout& layout, ElementBytes contents = element_bytes);

  // Answers a request as bf_getbuffer does [request.*, field.*]: fills every field and takes a reference and an export.
  //
  // Where the rules leave room it reads them as memoryview does: ndim 1 without ND, FORMAT without ND refused
  // (answered in the 2010 edition), bits without their flag dropped, empty memory contiguous.  A refusal sets only
  // view.obj, to null; in the 2010 edition nothing, because there a view is undefined after a failure
  // [error.obj.null_on_failure].
  // Arrays and format stay valid until the last export is released.  Requires: a memory was built.  O(1), no heap.
  [[nodiscard]] Status get_buffer(int word, Buffer& view, Edition edition = Edition::current,
                                  std::uint32_t runtime = latest_runtime) noexcept override;

  // Gives an export back as bf_releasebuffer does.  The reference in view.obj is the caller's affair
  // [lifetime.*]: release() in functions.hpp does both.  Ignored if no export is held.
  void release_buffer(Buffer& view) noexcept override;

  // Changes the number of items of a one-dimensional contiguous memory, whose elements are then made anew.
  // Fails: buffer_error while exports are held, value_error for other layouts, else as build().
  [[nodiscard]] Status resize(ssize extent);

  [[nodiscard]] bool is_exporter() const noexcept override { return true; }
  [[nodiscard]] bool has_release_slot() const noexcept override { return true; }
  [[nodiscard]] long exports() const noexcept { return exports_; }

  // The layout as it was built; the values of absent strides are filled in, and suboffsets that are all negative
  // are absent.
  [[nodiscard]] const Layout& layout() const noexcept { return layout_; }
  [[nodiscard]] const MemoryFacts& facts() const noexcept { return facts_; }
  // The element with all indices 0; not null once built, though empty memory has nothing behind it.
  [[nodiscard]] char* buf() const noexcept { return static_cast<char*>(full_.buf); }
  [[nodiscard]] ssize length() const noexcept { return full_.len; }
  // Everything that was allocated: the block, or tables and sub-blocks together.
  [[nodiscard]] std::span<char> block() const noexcept { return {block_.get(), static_cast<std::size_t>(used_)}; }

 private:
  [[nodiscard]] Status allocate(ssize bytes);
  [[nodiscard]] Status build_direct(const Layout& layout);
  [[nodiscard]] Status build_indirect(const Layout& layout);
  void take_layout(const Layout& layout);
  void fill() noexcept;

  Layout layout_;  // absent strides are filled in
  ElementBytes contents_ = element_bytes;
  MemoryFacts facts_;
  Buffer full_{};  // the answer to a request for everything, arrays always present
  ssize used_ = 0;
  ssize capacity_ = 0;
  long exports_ = 0;
  std::unique_ptr<char[]> block_;
};

}  // namespace bufspec
