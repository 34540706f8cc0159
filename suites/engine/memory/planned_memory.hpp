// A memory as a layout describes it, made once and placed as often as it is wanted: the bytes, which of them belong to
// elements, and where pointers lie.  Over the reference exporter, which also says how each request is answered.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bufspec/exporter.hpp"
#include "bufspec/scenario.hpp"

namespace bufspec::engine {

// What of a placed memory is not as it was placed.
struct MemoryChange {
  bool elements = false;
  bool gaps = false;  // bytes that belong to no element
};

class PlannedMemory {
 public:
  // The memory of `layout`; null where an exporter cannot make it, or its elements are more than 16 MiB.
  // The last few are kept, so that a layout is planned once.
  [[nodiscard]] static std::shared_ptr<PlannedMemory> of(const Layout& layout, ElementBytes contents = element_bytes);

  PlannedMemory(const Layout& layout, ElementBytes contents) : described_(layout), contents_(contents) {}

  [[nodiscard]] const Layout& described() const noexcept { return described_; }  // as it was given
  [[nodiscard]] ElementBytes contents() const noexcept { return contents_; }
  [[nodiscard]] Exporter& model() noexcept { return model_; }
  [[nodiscard]] const Exporter& model() const noexcept { return model_; }
  [[nodiscard]] const std::string& elements() const noexcept { return elements_; }  // in C order
  [[nodiscard]] ssize count() const noexcept { return count_; }
  [[nodiscard]] std::size_t bytes() const noexcept { return model_.block().size(); }
  [[nodiscard]] bool is_shared() const noexcept { return is_shared_; }  // some elements share memory

  // Writes the memory to `to`, which has room for bytes(); pointers lead into it.
  void place(char* to) const noexcept;
  // What was written into the memory placed at `at`.
  [[nodiscard]] MemoryChange change_of(const char* at) const;
  // The elements of the memory placed at `at`, in C order.  Follows no pointer that was spoilt.
  [[nodiscard]] std::string elements_at(char* at) const;
  // Where each element begins, in C order, in bytes from the start of the memory.
  [[nodiscard]] std::vector<std::size_t> places() const;
  // Copies the elements, and nothing else, between two places of this memory.
  void copy_elements(const char* from, char* to) const noexcept;
  // Where the field buf points in a memory placed at `at`.
  [[nodiscard]] char* buf_at(char* at) const noexcept { return at + (model_.buf() - model_.block().data()); }

 private:
  [[nodiscard]] bool build();
  void find_pointers();
  void find_element_bytes();

  Layout described_;
  ElementBytes contents_;
  Exporter model_;
  std::string elements_;
  ssize count_ = 0;
  bool is_shared_ = false;
  std::vector<std::size_t> pointers_;  // places in the block
  std::string in_element_;  // for each byte of the block: 1 where it belongs to an element
};

}  // namespace bufspec::engine
