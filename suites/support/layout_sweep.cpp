#include "layout_sweep.hpp"

#include <algorithm>
#include <utility>

namespace bufspec {

namespace {

constexpr ssize pointer_size = 8;

class LayoutSweep {
 public:
  LayoutSweep(const SweepRow& sweep, std::function<void(const Layout&)> visit)
      : sweep_(sweep), visit_(std::move(visit)) {}

  // Only the layouts of shape number `shape` are visited.
  LayoutSweep(const SweepRow& sweep, std::size_t shape, std::function<void(const Layout&)> visit)
      : sweep_(sweep), visit_(std::move(visit)), only_shape_(shape) {}

  // The number of the layout's shape, in the order of the visits.
  [[nodiscard]] std::size_t shape() const noexcept { return shape_; }

  std::size_t run() {
    for (const ssize itemsize : sweep_.itemsizes)
      for (int ndim = 0; ndim <= sweep_.ndim_max; ++ndim) shapes(itemsize, ndim, 0);
    return count_;
  }

 private:
  void shapes(ssize itemsize, int ndim, std::size_t dimension) {
    if (dimension < static_cast<std::size_t>(ndim)) {
      for (const ssize extent : sweep_.extents) {
        layout_.shape[dimension] = extent;
        shapes(itemsize, ndim, dimension + 1);
      }
      return;
    }
    const std::size_t shape = ++shapes_met_ - 1;
    if (only_shape_ != every_shape && only_shape_ != shape) return;
    shape_ = shape;
    layout_.ndim = ndim;
    layout_.itemsize = itemsize;
    layout_.format = sweep_format(itemsize);
    layout_.has_strides = false;
    layout_.has_suboffsets = false;
    give();
    layout_.has_strides = true;
    for (const bool with_suboffsets : sweep_.suboffsets) {
      layout_.has_suboffsets = with_suboffsets;
      if (!with_suboffsets)
        strides(-1, 0);
      else if (ndim > 0)
        suboffsets(0);
    }
  }

  void suboffsets(std::size_t dimension) {
    if (dimension < dimensions()) {
      for (const ssize value : {ssize{-1}, ssize{0}}) {
        layout_.suboffsets[dimension] = value;
        suboffsets(dimension + 1);
      }
      return;
    }
    int last = -1;
    for (std::size_t i = 0; i < dimensions(); ++i)
      if (layout_.suboffsets[i] >= 0) last = static_cast<int>(i);
    strides(last, 0);
    if (last < 0) return;
    ssize& inner = layout_.suboffsets[static_cast<std::size_t>(last)];
    inner = layout_.itemsize;
    strides(last, 0);
    inner = 0;
  }

  // Up to `last_pointer` a dimension steps over pointers.
  void strides(int last_pointer, std::size_t dimension) {
    if (dimension == dimensions()) return give();
    const ssize step = static_cast<int>(dimension) <= last_pointer ? pointer_size : layout_.itemsize;
    for (const ssize items : sweep_.strides_in_items) {
      layout_.strides[dimension] = items * step;
      strides(last_pointer, dimension + 1);
    }
    if (layout_.shape[dimension] != 1) return;
    for (const ssize bytes : sweep_.strides_for_extent_one) {
      const auto& in_items = sweep_.strides_in_items;
      if (bytes % step == 0 && std::find(in_items.begin(), in_items.end(), bytes / step) != in_items.end()) continue;
      layout_.strides[dimension] = bytes;
      strides(last_pointer, dimension + 1);
    }
  }

  void give() {
    place_in_block();
    for (const bool readonly : sweep_.readonly) {
      layout_.readonly = readonly;
      visit_(layout_);
      ++count_;
    }
  }

  // The smallest block with room for each element; at least one item, so that an empty memory has an address too.
  void place_in_block() {
    ssize below = 0;
    ssize above = 0;
    ssize elements = 1;
    for (std::size_t i = 0; i < dimensions(); ++i) elements *= layout_.shape[i];
    for (std::size_t i = 0; elements > 0 && layout_.has_strides && i < dimensions(); ++i) {
      if (layout_.shape[i] == 1) continue;
      const ssize reach = layout_.strides[i] * (layout_.shape[i] - 1);
      (reach < 0 ? below : above) += reach;
    }
    if (!layout_.has_strides) above = std::max<ssize>(0, elements - 1) * layout_.itemsize;
    layout_.offset = -below;
    layout_.block = above - below + layout_.itemsize;
  }

  [[nodiscard]] std::size_t dimensions() const { return static_cast<std::size_t>(layout_.ndim); }

  const SweepRow& sweep_;
  std::function<void(const Layout&)> visit_;
  static constexpr std::size_t every_shape = static_cast<std::size_t>(-1);
  std::size_t only_shape_ = every_shape;
  std::size_t shapes_met_ = 0;
  std::size_t shape_ = 0;
  Layout layout_;
  std::size_t count_ = 0;
};

}  // namespace

std::size_t each_layout(const SweepRow& sweep, const std::function<void(const Layout&)>& visit) {
  return LayoutSweep(sweep, visit).run();
}

SweptLayouts::SweptLayouts(SweepRow sweep) : sweep_(std::move(sweep)) {
  LayoutSweep* visited = nullptr;
  LayoutSweep all(sweep_, [&](const Layout&) {
    if (visited->shape() == first_of_shape_.size()) first_of_shape_.push_back(size_);
    ++size_;
  });
  visited = &all;
  all.run();
}

const Layout& SweptLayouts::at(std::size_t index) {
  const auto behind = std::upper_bound(first_of_shape_.begin(), first_of_shape_.end(), index);
  const auto shape = static_cast<std::size_t>(behind - first_of_shape_.begin()) - 1;
  if (shape != made_shape_) {
    made_.clear();
    LayoutSweep(sweep_, shape, [this](const Layout& layout) { made_.push_back(layout); }).run();
    made_shape_ = shape;
  }
  return made_[index - first_of_shape_[shape]];
}

const char* sweep_format(ssize itemsize) {
  switch (itemsize) {
    case 2:
      return "h";
    case 4:
      return "i";
    case 8:
      return "q";
    default:
      return "B";
  }
}

}  // namespace bufspec
