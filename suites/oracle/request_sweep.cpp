#include "request_sweep.hpp"

#include <cstring>
#include <memory>

#include "bufspec/exporter.hpp"
#include "bufspec/scenario.hpp"
#include "layout_sweep.hpp"

namespace bufspec::oracle {

namespace {

using Content = ExpectedAnswer::Content;

// What the struct holds before each request: no answer has these values.
constexpr ssize poison = 0x5a5a5a5a;
char poisoned_byte;
ssize poisoned_extent;

Buffer poisoned() {
  return {&poisoned_byte, &poisoned_byte,   poison,           poison,           0x5a,          0x5a,
          &poisoned_byte, &poisoned_extent, &poisoned_extent, &poisoned_extent, &poisoned_byte};
}

// What each word is owed, by the facts of the memory.
class ExpectedByFacts {
 public:
  ExpectedByFacts(const RequestTable& table, Edition edition, std::uint32_t runtime)
      : table_(table), edition_(edition), runtime_(runtime) {}

  const ExpectedAnswers& of(const FactSet& facts) {
    auto& made = made_[facts.to_ulong()];
    if (!made) made = std::make_unique<ExpectedAnswers>(expected_answers(table_, facts, edition_, runtime_));
    return *made;
  }

 private:
  const RequestTable& table_;
  Edition edition_;
  std::uint32_t runtime_;
  std::array<std::unique_ptr<ExpectedAnswers>, std::size_t{1} << memory_fact_count> made_;
};

class RequestSweep {
 public:
  RequestSweep(const RequestTable& table, Edition edition, std::uint32_t runtime, SweepResult& result)
      : edition_(edition), runtime_(runtime), result_(result), expected_(table, edition, runtime) {}

  void compare(const Layout& layout) {
    ++result_.layouts;
    if (const Status built = exporter_.build(layout); !built.ok()) {
      result_.disagreements.add(describe(layout) + ": cannot be built: " + built.reason);
      return;
    }
    layout_ = without_idle_suboffsets(layout);
    facts_ = facts_by_enumeration(layout_);
    length_ = layout_.itemsize;
    for (std::size_t i = 0; i < dimensions(); ++i) length_ *= layout_.shape[i];
    verified_ = {};
    if (!layout_.has_strides)
      if (const auto strides = strides_by_products(layout_, false)) layout_.strides = *strides;
    const ExpectedAnswers& expected = expected_.of(facts_);
    const Buffer poison_view = poisoned();
    for (int word = 0; word < flag::word_count; ++word) {
      Buffer view = poison_view;
      const Status answered = exporter_.get_buffer(word, view, edition_, runtime_);
      const ExpectedAnswer& owed = expected[static_cast<std::size_t>(word)];
      if (!(answered.ok() ? is_owed(owed, view) : is_refused(owed, answered, view))) report(word, owed, answered, view);
      if (!answered.ok()) continue;
      ++result_.granted;
      exporter_.release_buffer(view);
      exporter_.drop_reference();
    }
    result_.comparisons += flag::word_count;
    if (exporter_.exports() != 0 || exporter_.references() != 1)
      result_.disagreements.add(describe(layout) + ": exports or references left after every release");
  }

 private:
  [[nodiscard]] std::size_t dimensions() const { return static_cast<std::size_t>(layout_.ndim); }

  bool is_refused(const ExpectedAnswer& owed, const Status& answered, const Buffer& view) const {
    if (owed.granted && !owed.may_refuse) return false;
    if (answered.error != (owed.system_error ? Error::system_error : Error::buffer_error)) return false;
    // The founding text leaves the view undefined; the current one wants obj NULL and speaks of nothing else.
    return edition_ == Edition::founding_2010 || view.obj == nullptr;
  }

  bool is_owed(const ExpectedAnswer& owed, const Buffer& view) {
    return owed.granted && view.len == length_ && view.itemsize == layout_.itemsize &&
           view.readonly == (owed.readonly ? 1 : 0) && view.ndim == (owed.ndim_is_one ? 1 : layout_.ndim) &&
           view.buf == exporter_.buf() && view.obj == static_cast<Object*>(&exporter_) &&
           has_text(owed.format, view.format) && has_array(owed.shape, view.shape, layout_.shape, verified_.shape) &&
           has_array(owed.strides, view.strides, layout_.strides, verified_.strides) &&
           has_array(owed.suboffsets, view.suboffsets, layout_.suboffsets, verified_.suboffsets);
  }

  // An array that was once compared is known by its address until the next layout.
  bool has_array(Content owed, const ssize* found, const Extents& values, const ssize*& verified) const {
    if (found == nullptr) return owed != Content::present;
    if (owed == Content::null) return false;
    if (found == verified) return true;
    if (found == &poisoned_extent) return false;
    if (std::memcmp(found, values.data(), dimensions() * sizeof(ssize)) != 0) return false;
    verified = found;
    return true;
  }

  bool has_text(Content owed, const char* found) {
    if (found == nullptr) return owed != Content::present;
    if (owed == Content::null || found == &poisoned_byte) return false;
    if (found == verified_.format) return true;
    if (layout_.format != found) return false;
    verified_.format = found;
    return true;
  }

  static std::string text_of(Content content) {
    switch (content) {
      case Content::null:
        return "NULL";
      case Content::present:
        return "given";
      case Content::any:
        return "any";
    }
    return "";
  }

  void report(int word, const ExpectedAnswer& owed, const Status& answered, const Buffer& view) {
    const auto found = [](const void* pointer) { return pointer == nullptr ? "NULL" : "given"; };
    std::string text = describe(layout_) + " (" + describe(facts_) + "), " + flags_name(word) + ", edition " +
                       name_of(edition_) + ": expected ";
    if (!owed.granted)
      text += owed.system_error ? "SystemError" : "BufferError";
    else
      text += "shape " + text_of(owed.shape) + ", strides " + text_of(owed.strides) + ", suboffsets " +
              text_of(owed.suboffsets) + ", format " + text_of(owed.format) + ", readonly " +
              std::to_string(owed.readonly ? 1 : 0) + ", ndim " + std::to_string(owed.ndim_is_one ? 1 : layout_.ndim);
    text += "; found ";
    if (!answered.ok())
      text += std::string(error_name(answered.error)) + (view.obj == nullptr ? "" : ", obj not NULL");
    else
      text += std::string("shape ") + found(view.shape) + ", strides " + found(view.strides) + ", suboffsets " +
              found(view.suboffsets) + ", format " + found(view.format) + ", readonly " +
              std::to_string(view.readonly) + ", ndim " + std::to_string(view.ndim) + ", len " +
              std::to_string(view.len) + ", itemsize " + std::to_string(view.itemsize) +
              (view.buf == exporter_.buf() ? "" : ", another buf");
    result_.disagreements.add(text);
  }

  struct Verified {
    const ssize* shape = nullptr;
    const ssize* strides = nullptr;
    const ssize* suboffsets = nullptr;
    const char* format = nullptr;
  };

  Edition edition_;
  std::uint32_t runtime_;
  SweepResult& result_;
  ExpectedByFacts expected_;
  Exporter exporter_;
  Layout layout_;
  FactSet facts_;
  ssize length_ = 0;
  Verified verified_;
};

}  // namespace

SweepResult sweep_requests(const RequestTable& table, const SweepRow& sweep, Edition edition, std::uint32_t runtime) {
  SweepResult result;
  RequestSweep run(table, edition, runtime, result);
  each_layout(sweep, [&](const Layout& layout) { run.compare(layout); });
  return result;
}

void compare_requests(const RequestTable& table, const Layout& layout, Edition edition, std::uint32_t runtime,
                      SweepResult& result) {
  RequestSweep(table, edition, runtime, result).compare(layout);
}

}  // namespace bufspec::oracle
