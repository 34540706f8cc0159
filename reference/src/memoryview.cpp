// What does a memoryview hold, and what does it answer as an exporter?
// Making one is in memoryview_make.cpp, its items in memoryview_items.cpp, casts and slices in memoryview_cast.cpp.
#include "bufspec/memoryview.hpp"

#include "answering.hpp"
#include "memoryview_shared.hpp"

namespace bufspec {

MemoryView::MemoryView(std::shared_ptr<Shared> shared) noexcept
    : Object(ObjectKind::memoryview), shared_(std::move(shared)) {}

MemoryView::~MemoryView() = default;

Status MemoryView::get_buffer(int word, Buffer& view, Edition edition, std::uint32_t runtime) noexcept {
  if (is_released()) {
    if (edition == Edition::current) view.obj = nullptr;
    return {Error::value_error, "the memoryview was released"};
  }
  const Status status = show(word, full_, facts_, this, view, edition, runtime);
  if (!status.ok()) return status;
  ++exports_;
  add_reference();
  return status;
}

void MemoryView::release_buffer(Buffer&) noexcept {
  if (exports_ > 0) --exports_;
}

Status MemoryView::release() noexcept {
  if (exports_ > 0) return {Error::buffer_error, "buffers of the memoryview are still held"};
  shared_.reset();
  return {};
}

bool MemoryView::is_copy() const noexcept { return shared_ != nullptr && shared_->is_copy; }

bool MemoryView::is_contiguous(char order) const noexcept {
  switch (order) {
    case 'C':
      return facts_.c_contiguous;
    case 'F':
      return facts_.f_contiguous;
    case 'A':
      return facts_.c_contiguous || facts_.f_contiguous;
    default:
      return false;
  }
}

std::span<const ssize> MemoryView::shape() const noexcept {
  return {shape_.data(), static_cast<std::size_t>(full_.ndim)};
}

std::span<const ssize> MemoryView::strides() const noexcept {
  return {strides_.data(), static_cast<std::size_t>(full_.ndim)};
}

std::span<const ssize> MemoryView::suboffsets() const noexcept {
  return {suboffsets_.data(), has_suboffsets_ ? static_cast<std::size_t>(full_.ndim) : 0};
}

Result<ssize> MemoryView::length(Edition edition, std::uint32_t runtime) const noexcept {
  constexpr std::uint32_t first_runtime_that_refuses = 0x030c0000;
  if (is_released()) return Result<ssize>::failure(Error::value_error, "the memoryview was released");
  if (full_.ndim > 0) return Result<ssize>::success(shape_[0]);
  if (edition == Edition::founding_2010 || runtime < first_runtime_that_refuses) return Result<ssize>::success(1);
  return Result<ssize>::failure(Error::type_error, "a memory without dimensions has no length");
}

Status MemoryView::hashable() const noexcept {
  if (is_released()) return {Error::value_error, "the memoryview was released"};
  if (!readonly()) return {Error::value_error, "the memoryview is writable"};
  std::string_view code = format_;
  if (code.size() == 2 && code[0] == '@') code.remove_prefix(1);
  if (code != "B" && code != "b" && code != "c") return {Error::value_error, "the format is not B, b or c"};
  if (base() != nullptr && !base()->is_hashable()) return {Error::type_error, "the exporter is not hashable"};
  return {};
}

bool is_memoryview(const Object& object) noexcept { return dynamic_cast<const MemoryView*>(&object) != nullptr; }

}  // namespace bufspec
