// Where the objects come from that are asked, and what is found out about them before they are judged.
#include <new>

#include "bufspec/judge.hpp"
#include "driver.hpp"

namespace bufspec::engine {

namespace {

// What is asked before the steps, richest first: the first granted word's answer stands for the memory.
constexpr std::array survey_words{
    flag::FULL_RO,
    flag::INDIRECT,
    flag::RECORDS_RO,
    flag::STRIDED_RO,
    flag::C_CONTIGUOUS | flag::FORMAT,
    flag::F_CONTIGUOUS | flag::FORMAT,
    flag::C_CONTIGUOUS,
    flag::F_CONTIGUOUS,
    flag::ND | flag::FORMAT,
    flag::CONTIG_RO,
    flag::SIMPLE,
    flag::FULL,
    flag::INDIRECT | flag::WRITABLE,
    flag::RECORDS,
    flag::STRIDED,
    flag::C_CONTIGUOUS | flag::FORMAT | flag::WRITABLE,
    flag::F_CONTIGUOUS | flag::FORMAT | flag::WRITABLE,
    flag::CONTIG | flag::FORMAT,
    flag::CONTIG,
    flag::WRITABLE,
};

// So many survey requests may have ended the process; then the object is judged without a survey.
constexpr int surveys_that_may_be_lost = 3;

}  // namespace

// Puts another object in the place of the one there is, and forgets what was known of that.
bool ExporterDriver::put_object(const Layout* layout) {
  built_layout_.reset();
  richest_.reset();
  richest_word_ = 0;
  richest_buf_ = nullptr;
  is_c_contiguous_ = true;
  richest_elements_ = {};
  is_spoilt_ = is_surveyed_ = false;
  usual_change_ = -1;
  unchanging_.reset();
  forget_answers();
  is_stale_ = false;
  is_unasked_ = layout == nullptr;
  if (is_unasked_) {
    watch_frees();
    RecentFrees::begin();
  }
  has_object_ = set_up([&] { return exported_.make(layout); });
  if (has_object_ && layout != nullptr) {
    built_layout_ = *layout;
    is_c_contiguous_ = is_contiguous(geometry_of(*layout), 'C');
  }
  return has_object_;
}

bool ExporterDriver::has_object() {
  if (has_object_ && !is_spoilt_ && !built_layout_) return true;
  if (!put_object(nullptr)) is_lost_ = true;
  return !is_lost_;
}

bool ExporterDriver::makes_fresh_objects() {
  if (!is_fresh_each_time_)
    is_fresh_each_time_ =
        set_up([&] { return exported_.makes_another(richest_ && richest_->view.len > large_memory); });
  return *is_fresh_each_time_;
}

void ExporterDriver::survey() {
  if (is_surveyed_) return;
  is_surveyed_ = true;
  references_at_begin_ = exported_.references();
  if (ledger_ != nullptr && ledger_->surveys_lost() >= surveys_that_may_be_lost) return;
  OwnSlot own(exported_);  // views of the scenario may be held
  Slot& slot = own.slot();
  for (std::size_t number = 0; number < survey_words.size(); ++number) {
    if (ledger_ != nullptr && !ledger_->begin_survey(number)) continue;
    Answer answer;
    acquire(survey_words[number], slot, answer);
    if (answer.granted) {
      richest_word_ = survey_words[number];
      // Memory that is freed already is nothing to compare with.
      richest_buf_ = slot.has_lost_memory ? nullptr : slot.acquired.buf;
      Layout layout;
      if (layout_from_answer(answer, layout)) is_c_contiguous_ = is_contiguous(geometry_of(layout), 'C');
      if (!slot.has_lost_memory) richest_elements_ = slot.seen;
      richest_ = std::move(answer);
      StepRecord ignored;
      release(slot, ignored);
    }
    if (ledger_ != nullptr) ledger_->end_survey(number);
    if (richest_) return;
  }
}

}  // namespace bufspec::engine
