// MemoryView: an object that holds one acquired buffer and shows it, or a part of it, to others.
// Table: spec/tables/75-memoryview.yaml (rules memoryview.*).
// It reads and re-describes memory; element values are in element_values.hpp.  A view must outlive the buffers that it
// has handed out: whoever destroys it has had release() succeed, or nothing exported.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/errors.hpp"
#include "bufspec/flags.hpp"
#include "bufspec/functions.hpp"
#include "bufspec/layout.hpp"
#include "bufspec/object.hpp"
#include "bufspec/view.hpp"

namespace bufspec {

class MemoryView;
using MemoryViewPointer = std::unique_ptr<MemoryView>;

// Bounds of a slice as Python has them; what is absent depends on the sign of the step.
struct Slice {
  std::optional<ssize> start;
  std::optional<ssize> stop;
  ssize step = 1;
};

class MemoryView final : public Object {
 public:
  ~MemoryView() override;

  // A view of an exporter, by one request with FULL_RO; of another memoryview, whose buffer it then shares
  // [memoryview.from_object.wraps, memoryview.new.shares_one_buffer].
  // Fails: type_error for an object that is no exporter, value_error for a released view, else as the exporter or
  // describe() says.
  // CPython: PyMemoryView_FromObject().
  [[nodiscard]] static Result<MemoryViewPointer> from_object(Object& object, Edition edition = Edition::current,
                                                             std::uint32_t runtime = latest_runtime);

  // A view of the memory in a struct, whose fields it copies [memoryview.from_buffer.*].
  //
  // Current: the buffer stays the caller's, the view has no owner.  2010: the view owns the buffer and releases
  // it; the caller must not.  Missing strides, shape of a line and format are filled in.
  // Fails (value_error): no memory, more than 64 dimensions, no shape for several dimensions, impossible extents.
  // CPython: PyMemoryView_FromBuffer().
  [[nodiscard]] static Result<MemoryViewPointer> from_buffer(const Buffer& buffer, Edition edition = Edition::current);

  // A view of `size` bytes without an owner, read-only for flag::READ, writable for flag::WRITE
  // [memoryview.from_memory.describes].
  // Fails (value_error): no memory, a negative size, another mode.
  // CPython: PyMemoryView_FromMemory().
  [[nodiscard]] static Result<MemoryViewPointer> from_memory(char* memory, ssize size, int mode);

  // A view of the object's elements in one block: of the original memory where it has that order, else read-only
  // and of a copy [memoryview.get_contiguous.*].  `mode` is flag::READ or flag::WRITE, `order` 'C', 'F' or 'A'.
  // Fails: buffer_error for WRITE on read-only memory or where a copy is needed; value_error for another mode or
  // order; else as from_object().
  // CPython: PyMemoryView_GetContiguous().
  [[nodiscard]] static Result<MemoryViewPointer> get_contiguous(Object& object, int mode, char order,
                                                                Edition edition = Edition::current);

  // Answers a request from its own memory [memoryview.request.honoured]; as Exporter::get_buffer(), but a released
  // view is a value_error [memoryview.release.no_more_buffers], and an empty line whose stride is not the itemsize
  // is not contiguous.
  [[nodiscard]] Status get_buffer(int word, Buffer& view, Edition edition = Edition::current,
                                  std::uint32_t runtime = latest_runtime) noexcept override;
  void release_buffer(Buffer& view) noexcept override;
  [[nodiscard]] bool is_exporter() const noexcept override { return true; }
  [[nodiscard]] bool has_release_slot() const noexcept override { return true; }

  // Ends the view [memoryview.release.*]; the shared buffer goes back with the last view of it.  May be repeated.
  // Fails (buffer_error) while buffers of this view are held; the view stays usable.
  [[nodiscard]] Status release() noexcept;
  [[nodiscard]] bool is_released() const noexcept { return shared_ == nullptr; }
  [[nodiscard]] long exports() const noexcept { return exports_; }

  // The view's own copy of the struct, all arrays present, obj naming the exporter
  // [memoryview.get_buffer.private_copy].  No reference goes with it.
  [[nodiscard]] const Buffer& buffer() const noexcept { return full_; }
  // The exporter of the shared buffer; null for memory, a struct and a copy [memoryview.get_base.exporter].
  [[nodiscard]] Object* base() const noexcept { return static_cast<Object*>(full_.obj); }
  // Whether the memory is a copy that get_contiguous() made.
  [[nodiscard]] bool is_copy() const noexcept;
  [[nodiscard]] bool is_contiguous(char order) const noexcept;

  [[nodiscard]] int ndim() const noexcept { return full_.ndim; }
  [[nodiscard]] std::span<const ssize> shape() const noexcept;
  [[nodiscard]] std::span<const ssize> strides() const noexcept;
  // Empty where there are none [memoryview.size.tuples].
  [[nodiscard]] std::span<const ssize> suboffsets() const noexcept;
  [[nodiscard]] std::string_view format() const noexcept { return format_; }
  [[nodiscard]] bool readonly() const noexcept { return full_.readonly != 0; }

  // The first extent; without dimensions a type_error, in the 2010 edition and before 3.12 the number 1
  // [memoryview.size.nbytes].
  [[nodiscard]] Result<ssize> length(Edition edition = Edition::current,
                                     std::uint32_t runtime = latest_runtime) const noexcept;

  // The same bytes read as another native code, and as another shape [memoryview.cast.*].
  //
  // Fails: value_error for a released view, a target that is not one native code, more than 64 extents, an extent
  // below 1; type_error for memory that is not C-contiguous, several dimensions on both sides or two codes wider
  // than a byte, a length that changes, and extents of 0 in this view (but from a line to a line).
  [[nodiscard]] Result<MemoryViewPointer> cast(std::string_view format) const;
  [[nodiscard]] Result<MemoryViewPointer> cast(std::string_view format, std::span<const ssize> shape) const;

  // A part of the first dimension, without copying [memoryview.slice.first_dimension].
  // Fails: value_error for a released view and a step of 0, type_error without dimensions.
  [[nodiscard]] Result<MemoryViewPointer> slice(const Slice& bounds) const;

  // The same of any dimension: behind a pointer it is the suboffset that moves, not buf [layout.indirect.slicing].
  // Fails also with index_error for a dimension that there is not, and with value_error where the suboffset would
  // become negative, which would mean that no pointer is followed.
  [[nodiscard]] Result<MemoryViewPointer> slice_dimension(int dimension, const Slice& bounds) const;

  // A new read-only view of the same memory [memoryview.toreadonly.new_view]; value_error for a released view.
  [[nodiscard]] Result<MemoryViewPointer> to_readonly() const;

  // The place of one element; a negative index counts from the end [memoryview.item.index,
  // memoryview.item.format].
  // Fails: value_error for a released view, not_implemented_error for a format other than one native code or too
  // few indices, type_error for too many, index_error for one out of range.
  [[nodiscard]] Result<const char*> item(std::span<const ssize> index,
                                         std::uint32_t runtime = latest_runtime) const noexcept;

  // The elements one behind the other: 'C' or 'F' order, 'A' as they lie if contiguous and else 'C'
  // [memoryview.tobytes.order].
  // Fails: value_error for a released view, another letter, or a struct whose len was wrong.
  [[nodiscard]] Result<std::vector<char>> tobytes(char order = 'C') const;

  // Whether both show the same values in the same shape [memoryview.compare.equal].  A released view equals itself
  // only.
  [[nodiscard]] bool equals(const MemoryView& other, std::uint32_t runtime = latest_runtime) const;

  // Success where hash() would be that of the bytes [memoryview.hash.of_bytes]; value_error for a released or
  // writable view and formats other than B, b and c; type_error over an exporter that is not hashable.
  [[nodiscard]] Status hashable() const noexcept;

 private:
  struct Shared;
  explicit MemoryView(std::shared_ptr<Shared> shared) noexcept;

  [[nodiscard]] static Result<MemoryViewPointer> make(std::shared_ptr<Shared> shared, const Buffer& buffer);
  [[nodiscard]] Result<MemoryViewPointer> copy_in_order(char order) const;
  [[nodiscard]] Result<MemoryViewPointer> twin() const;
  [[nodiscard]] Status describe(const Buffer& buffer);
  void take_facts() noexcept;

  std::shared_ptr<Shared> shared_;
  Buffer full_{};
  std::string format_ = "B";
  Extents shape_{};
  Extents strides_{};
  Extents suboffsets_{};
  bool has_suboffsets_ = false;
  MemoryFacts facts_;
  long exports_ = 0;
};

// Whether the object is a memoryview [memoryview.type.check].
// CPython: PyMemoryView_Check().
[[nodiscard]] bool is_memoryview(const Object& object) noexcept;

}  // namespace bufspec
