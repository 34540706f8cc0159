// Sequences of operations on memoryviews that nobody thought of: does each view show what a list of the places of its
// elements says, and does everything come back?  Needs no subject; judges the reference alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "bufspec/format.hpp"
#include "memory.hpp"
#include "suites/support/slice_indices.hpp"
#include "view_steps.hpp"

namespace {

using bufspec::Buffer;
using bufspec::Error;
using bufspec::MemoryView;
using bufspec::MemoryViewPointer;
using bufspec::ssize;
using bufspec::fuzz::must_hold;
using bufspec::fuzz::ViewOperation;
using bufspec::fuzz::ViewStep;

// What a view is, in words that need no rule of memoryviews.
struct Plain {
  std::vector<ssize> shape;
  std::vector<char*> places;  // of the elements in C order
  std::string format;
  ssize itemsize = 1;
  bool is_readonly = false;
  bool has_pointers = false;
  bool is_released = false;

  [[nodiscard]] std::size_t count() const { return places.size(); }
  // Whether the elements lie one after the other.
  [[nodiscard]] bool is_in_one_line() const {
    for (std::size_t k = 1; k < places.size(); ++k)
      if (places[k] - places[k - 1] != itemsize) return false;
    return !has_pointers;
  }
  [[nodiscard]] bool is_bytes() const { return format == "B" || format == "b" || format == "c"; }
};

std::string_view without_at(std::string_view format) {
  if (format.starts_with('@')) format.remove_prefix(1);
  return format;
}

class Sequence {
 public:
  explicit Sequence(MemoryViewPointer first) {
    Plain plain;
    plain.shape.assign(first->shape().begin(), first->shape().end());
    plain.places = bufspec::fuzz::places_of(first->buffer());
    plain.format = first->format();
    plain.itemsize = first->buffer().itemsize;
    plain.is_readonly = first->readonly();
    plain.has_pointers = !first->suboffsets().empty();
    add(std::move(first), std::move(plain));
  }

  void perform(std::span<const std::uint8_t> record) {
    const ViewOperation operation = bufspec::fuzz::operation_from(
        record, views_.size(), [&](std::size_t k) { return static_cast<int>(plain_[k].shape.size()); });
    MemoryView& view = *views_[operation.view];
    const Plain& plain = plain_[operation.view];
    switch (operation.step) {
      case ViewStep::slice:
        return slice(view, plain, operation);
      case ViewStep::cast:
        return cast(view, plain, operation, false);
      case ViewStep::cast_shaped:
        return cast(view, plain, operation, true);
      case ViewStep::toreadonly: {
        Plain made = plain;
        made.is_readonly = true;
        return add_if(!plain.is_released, view.to_readonly(), std::move(made));
      }
      case ViewStep::again:
        return add_if(!plain.is_released, MemoryView::from_object(view), plain);
      case ViewStep::item:
        return item(view, plain, operation);
      case ViewStep::tobytes:
        return tobytes(view, plain, operation.order);
      case ViewStep::equals:
        return equals(view, plain, operation);
      case ViewStep::request:
        return request(view, plain, operation.flags);
      case ViewStep::release:
        must_hold(view.release().ok() && view.is_released(), "a view that nobody holds can be released");
        plain_[operation.view].is_released = true;
    }
  }

  void check_all() const {
    for (std::size_t k = 0; k < views_.size(); ++k) {
      const MemoryView& view = *views_[k];
      const Plain& plain = plain_[k];
      must_hold(view.is_released() == plain.is_released, "a view is released where it was");
      must_hold(view.exports() == 0, "a view holds no export that came back");
      if (plain.is_released) continue;
      must_hold(std::equal(view.shape().begin(), view.shape().end(), plain.shape.begin(), plain.shape.end()),
                "a view has the extents of its part");
      must_hold(view.format() == plain.format && view.buffer().itemsize == plain.itemsize, "a view has its format");
      must_hold(view.readonly() == plain.is_readonly, "a view is read-only where it was made so");
      must_hold(view.buffer().len == static_cast<ssize>(plain.count()) * plain.itemsize, "len is that of the part");
      must_hold(bufspec::fuzz::places_of(view.buffer()) == plain.places, "a view shows the elements of its part");
      if (plain.count() > 0 && !plain.shape.empty())
        must_hold(view.is_contiguous('C') == plain.is_in_one_line() || plain.count() == 1 || plain.itemsize == 0,
                  "a view is C-contiguous where its elements lie in one line");
    }
  }

  [[nodiscard]] bool is_full() const { return views_.size() >= bufspec::fuzz::most_views; }

  void release_all() {
    for (const MemoryViewPointer& view : views_) must_hold(view->release().ok(), "each view can be released");
  }

 private:
  void add(MemoryViewPointer view, Plain plain) {
    views_.push_back(std::move(view));
    plain_.push_back(std::move(plain));
  }
  void add_if(bool is_owed, bufspec::Result<MemoryViewPointer> made, Plain plain) {
    must_hold(made.ok() == is_owed, "a view is made just where it can be");
    if (made.ok()) add(std::move(made.value), std::move(plain));
  }

  void slice(const MemoryView& view, const Plain& plain, const ViewOperation& operation) {
    auto made = view.slice(operation.slice);
    const bool is_owed = !plain.is_released && !plain.shape.empty() && operation.slice.step != 0;
    Plain part = plain;
    if (is_owed) {
      const auto row =
          static_cast<std::size_t>(plain.shape[0]) == 0 ? 0 : plain.count() / static_cast<std::size_t>(plain.shape[0]);
      const std::vector<ssize> indices = bufspec::slice_indices(operation.slice, plain.shape[0]);
      part.shape[0] = static_cast<ssize>(indices.size());
      part.places.clear();
      for (const ssize i : indices) {
        const auto from = plain.places.begin() + i * static_cast<ssize>(row);
        part.places.insert(part.places.end(), from, from + static_cast<ssize>(row));
      }
    }
    add_if(is_owed, std::move(made), std::move(part));
  }

  void cast(const MemoryView& view, const Plain& plain, const ViewOperation& operation, bool is_shaped) {
    auto made = is_shaped ? view.cast(operation.format, operation.shape) : view.cast(operation.format);
    if (plain.is_released) return must_hold(made.error == Error::value_error, "a released view is not cast");
    // Of a memory without a byte only the law of sizes is claimed: the interpreter's rules are a matter of their own.
    if (plain.count() == 0 || plain.itemsize == 0) {
      if (made.ok()) must_hold(made.value->buffer().len == 0, "a cast changes no length");
      return;
    }
    const ssize size =
        bufspec::is_native_single(operation.format) ? bufspec::format_size(operation.format).value.size : 0;
    const auto bytes = static_cast<ssize>(plain.count()) * plain.itemsize;
    const std::string_view target = without_at(operation.format);
    const bool is_target_bytes = target == "B" || target == "b" || target == "c";
    const bool is_source_bytes =
        without_at(plain.format) == "B" || without_at(plain.format) == "b" || without_at(plain.format) == "c";
    ssize product = size;
    for (const ssize extent : operation.shape) product *= extent;
    const bool fits = size > 0 && bytes % size == 0 && (!is_shaped || product == bytes);
    const bool is_line = plain.shape.size() == 1 || (is_shaped ? operation.shape.size() == 1 : true);
    const bool is_owed = view.is_contiguous('C') && fits && is_line && (is_target_bytes || is_source_bytes);
    Plain part = plain;
    if (is_owed) {
      part.format = operation.format;
      part.itemsize = size;
      part.shape = is_shaped ? operation.shape : std::vector<ssize>{bytes / size};
      char* const first = plain.places[0];
      part.places.clear();
      for (ssize at = 0; at < bytes; at += size) part.places.push_back(first + at);
    }
    add_if(is_owed, std::move(made), std::move(part));
  }

  static void item(const MemoryView& view, const Plain& plain, const ViewOperation& operation) {
    const auto found = view.item(operation.index);
    bool is_owed =
        !plain.is_released && bufspec::is_native_single(plain.format) && operation.index.size() == plain.shape.size();
    std::size_t place = 0;
    for (std::size_t d = 0; is_owed && d < plain.shape.size(); ++d) {
      const ssize index = operation.index[d] < 0 ? operation.index[d] + plain.shape[d] : operation.index[d];
      is_owed = index >= 0 && index < plain.shape[d];
      place = place * static_cast<std::size_t>(plain.shape[d]) + static_cast<std::size_t>(std::max<ssize>(index, 0));
    }
    must_hold(found.ok() == is_owed, "an item is there just where its index is");
    if (is_owed) must_hold(found.value == plain.places[place], "an item is the one at its index");
  }

  static void tobytes(const MemoryView& view, const Plain& plain, char order) {
    const auto found = view.tobytes(order);
    must_hold(found.ok() == (!plain.is_released && order != 'x'), "a view that is not released has bytes");
    if (!found.ok()) return;
    must_hold(found.value.size() == plain.count() * static_cast<std::size_t>(plain.itemsize),
              "a copy has each element");
    if (order == 'C')
      must_hold(found.value == bufspec::fuzz::bytes_at(plain.places, plain.itemsize), "the bytes are in C order");
  }

  void equals(const MemoryView& view, const Plain& plain, const ViewOperation& operation) const {
    const MemoryView& other = *views_[operation.other];
    const Plain& beside = plain_[operation.other];
    const bool found = view.equals(other);
    must_hold(found == other.equals(view), "equality of views has no direction");
    if (plain.is_released || beside.is_released) {
      must_hold(found == (&view == &other), "a released view equals itself alone");
    } else if (plain.shape != beside.shape) {
      must_hold(!found, "views of different shapes are not equal");
    } else if (plain.format == beside.format && plain.is_bytes()) {
      must_hold(found == (bufspec::fuzz::bytes_at(plain.places, 1) == bufspec::fuzz::bytes_at(beside.places, 1)),
                "views of bytes are equal where their bytes are");
    }
  }

  static void request(MemoryView& view, const Plain& plain, int flags) {
    Buffer buffer{};
    const bufspec::Status status = bufspec::get_buffer(view, buffer, flags);
    if (!status.ok()) {
      must_hold(buffer.obj == nullptr, "of a refused request nothing is held");
      return;
    }
    must_hold(!plain.is_released, "a released view grants nothing");
    must_hold(buffer.len == view.buffer().len && buffer.buf == view.buffer().buf, "an answer is of the view's memory");
    must_hold((flags & bufspec::flag::WRITABLE) == 0 || !plain.is_readonly,
              "a read-only view is not granted for writing");
    must_hold(view.release().error == Error::buffer_error, "a view that is held cannot be released");
    bufspec::release(buffer);
  }

  std::deque<MemoryViewPointer> views_;
  std::deque<Plain> plain_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  bufspec::fuzz::Drawn drawn({data, size});
  const bufspec::Layout layout = drawn.layout();
  bufspec::Exporter exporter;
  if (!bufspec::fuzz::build_small(exporter, layout)) return 0;
  {
    auto first = MemoryView::from_object(exporter);
    must_hold(first.ok(), "there is a memoryview of each memory");
    Sequence sequence(std::move(first.value));
    std::span<const std::uint8_t> record;
    for (int n = 0; n < bufspec::fuzz::most_operations && !sequence.is_full() && drawn.record(record); ++n)
      sequence.perform(record);
    sequence.check_all();
    sequence.release_all();
    must_hold(exporter.exports() == 0, "the last view gives the buffer back");
  }
  must_hold(exporter.references() == 1, "views keep no reference");
  return 0;
}
