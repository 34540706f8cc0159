// What the comparison with the running interpreter came to, and the parts that it is made of.
// Private to this folder.
#pragma once

#include <bit>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bufspec/exporter.hpp"
#include "harness/adapters/cpython/api/python_api.hpp"
#include "suites/support/tables.hpp"

namespace bufspec::cpython {

// Pages of spec/decisions, without their ending, that explain how CPython differs.
namespace page {
inline constexpr const char* negative_suboffsets = "memoryview_keeps_negative_suboffsets";
inline constexpr const char* pointers_to_nothing = "to_contiguous_follows_pointers_to_nothing";
inline constexpr const char* copy_order = "copy_data_writes_the_first_element_last";
}  // namespace page

// Counts what was compared, and sorts the differences: contested, decided, or none of both.
class ComparisonReport {
 public:
  static constexpr std::size_t kept_texts = 50;

  void layout() noexcept { ++layouts_; }
  void compared(const char* what, std::uint64_t number = 1) { compared_[what] += number; }
  void contested(Rule rule) { ++contested_[std::string(rule_id(rule))]; }
  void decided(const char* decision) { ++decided_[decision]; }

  // `text()` is only made for the differences that are kept.
  template <typename Text>
  void disagree(const Text& text) {
    if (disagreement_count_++ < kept_texts) disagreements_.push_back(text());
  }

  // How many comparisons there were, how many found a difference that nothing explains, and the first of those; empty without.
  [[nodiscard]] std::uint64_t comparisons() const noexcept {
    std::uint64_t all = 0;
    for (const auto& [what, number] : compared_) all += number;
    return all;
  }
  [[nodiscard]] std::uint64_t disagreements() const noexcept { return disagreement_count_; }
  [[nodiscard]] std::string first_disagreement() const { return disagreements_.empty() ? "" : disagreements_.front(); }

  // The result as compare_with_cpython() returns it; null with an exception set on failure.
  [[nodiscard]] PyObject* to_dict(const char* bound) const;

 private:
  using Counts = std::map<std::string, std::uint64_t, std::less<>>;

  std::uint64_t layouts_ = 0;
  Counts compared_;
  Counts contested_;
  Counts decided_;
  std::uint64_t disagreement_count_ = 0;
  std::vector<std::string> disagreements_;
};

// The version of the running interpreter as the reference takes it.
[[nodiscard]] inline std::uint32_t this_runtime() noexcept { return static_cast<std::uint32_t>(Py_Version); }

// The struct as the reference takes it.
[[nodiscard]] inline Buffer buffer_of(const Py_buffer& view) noexcept { return std::bit_cast<Buffer>(view); }

// A list of str; null with an exception set on failure.
[[nodiscard]] Ref list_of_texts(const std::vector<std::string>& texts);

// Contiguity and contiguous strides of one layout, in every order and an unknown one.
void compare_geometry(Exporter& exporter, const Layout& layout, ComparisonReport& report);

// All words to a memoryview of the struct that `layout` describes, held against the reference's exporter of that memory and
// the reference's memoryview of that struct.  Requires: `exporter` was built from it.
// False with an exception set if there is no such memoryview.
[[nodiscard]] bool compare_memoryview(Exporter& exporter, const Layout& layout, ComparisonReport& report);

// All words to `object`, which exports a memory of this layout; `name` stands in messages.
void compare_object(PyObject* object, const std::string& name, const Layout& layout, ComparisonReport& report);

// Sizes of every code in every order with several counts, of every pair of codes, and of texts that are no formats.
void compare_formats(const Tables& tables, ComparisonReport& report);

// PyBuffer_FillInfo for every word, with and without an owner, and without a view.
void compare_fill_info(ComparisonReport& report);

// PyBuffer_ToContiguous, _FromContiguous, _GetPointer and PyObject_CopyData on one layout after the other.
class CopyComparison {
 public:
  // Requires: `exporter` was built from `layout`.  False with an exception set if an object cannot be made.
  [[nodiscard]] bool compare(Exporter& exporter, const Layout& layout, ComparisonReport& report);

 private:
  void compare_from(const Layout& layout, ComparisonReport& report);
  [[nodiscard]] bool compare_objects(const Layout& destination, const Layout& source, ComparisonReport& report);

  Exporter theirs_;  // what CPython writes to
  Exporter ours_;  // what the reference writes to
  Exporter source_;
  Layout last_;  // the writable layout before this one: another memory, often of the same shape
  bool has_last_ = false;
};

}  // namespace bufspec::cpython
