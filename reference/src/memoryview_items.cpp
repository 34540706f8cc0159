// Which elements does a memoryview give, one by one, as bytes, and compared with another?
// Indices are checked here, because behind them there is only memory.
#include "buffer_elements.hpp"
#include "bufspec/element_values.hpp"
#include "bufspec/format.hpp"
#include "memoryview_shared.hpp"

namespace bufspec {

namespace {

using Place = Result<const char*>;
using Bytes = Result<std::vector<char>>;

// The same extents, up to and including a first one of 0.
bool shapes_match(std::span<const ssize> left, std::span<const ssize> right) noexcept {
  if (left.size() != right.size()) return false;
  for (std::size_t d = 0; d < left.size(); ++d) {
    if (left[d] != right[d]) return false;
    if (left[d] == 0) return true;
  }
  return true;
}

}  // namespace

Place MemoryView::item(std::span<const ssize> index, std::uint32_t runtime) const noexcept {
  if (is_released()) return Place::failure(Error::value_error, "the memoryview was released");
  if (!is_native_single(format_, runtime))
    return Place::failure(Error::not_implemented_error, "the format is not one native code");
  const auto ndim = static_cast<std::size_t>(full_.ndim);
  if (index.size() < ndim) return Place::failure(Error::not_implemented_error, "fewer indices than dimensions");
  if (index.size() > ndim) return Place::failure(Error::type_error, "more indices than dimensions");
  Extents places{};
  for (std::size_t d = 0; d < ndim; ++d) {
    if (index[d] < -shape_[d] || index[d] >= shape_[d])
      return Place::failure(Error::index_error, "an index is out of range");
    places[d] = index[d] < 0 ? index[d] + shape_[d] : index[d];
  }
  return Place::success(element_pointer(static_cast<char*>(full_.buf), geometry_of(full_), {places.data(), ndim}));
}

Bytes MemoryView::tobytes(char order) const {
  if (is_released()) return Bytes::failure(Error::value_error, "the memoryview was released");
  if (order != 'C' && order != 'F' && order != 'A') return Bytes::failure(Error::value_error, "an unknown order");
  BufferElements elements;
  if (const Status status = elements.read(full_); !status.ok()) return Bytes::failure(status.error, status.reason);
  std::vector<char> bytes(static_cast<std::size_t>(full_.len));
  const Status status = to_contiguous(bytes, full_, order);
  return status.ok() ? Bytes::success(std::move(bytes)) : Bytes::failure(status.error, status.reason);
}

bool MemoryView::equals(const MemoryView& other, std::uint32_t runtime) const {
  if (is_released() || other.is_released()) return this == &other;
  if (!shapes_match(shape(), other.shape())) return false;
  const auto reader = ItemReader::make(format_, full_.itemsize, runtime);
  const auto other_reader = ItemReader::make(other.format_, other.full_.itemsize, runtime);
  BufferElements elements;
  BufferElements other_elements;
  if (!reader.ok() || !other_reader.ok() || !elements.read(full_).ok() || !other_elements.read(other.full_).ok())
    return false;
  if (elements.count() == 0) return true;
  // Items without a byte have no values, or values that are all empty: one tells for all.
  const bool is_bare = full_.itemsize == 0 && other.full_.itemsize == 0;
  Extents values{};
  const std::span<ssize> index{values.data(), shape().size()};
  do {
    if (!reader.value.items_equal(elements.at(index), other_reader.value, other_elements.at(index))) return false;
  } while (!is_bare && advance_index(index, shape(), false));
  return true;
}

}  // namespace bufspec
