// Where the objects come from that are asked, and what is found out about them before they are judged.
#include <new>

#include "bufspec/judge.hpp"
#include "subject.hpp"

namespace bufspec::cpython {

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

void ExporterSubject::forget_object() {
  object_.reset();
  asked_ = nullptr;
  built_layout_.reset();
  richest_.reset();
  richest_buf_ = nullptr;
  is_c_contiguous_ = true;
  richest_elements_ = {};
  memories_.clear();
  memory_count_ = 0;
  is_spoilt_ = is_surveyed_ = false;
  usual_change_ = -1;
}

bool ExporterSubject::has_object() {
  if (object_ && !is_spoilt_ && !built_layout_) return true;
  forget_object();
  PyErr_Clear();
  object_.reset(PyObject_CallNoArgs(declared_.factory.get()));
  asked_ = object_.get();
  factory_failed_ = !object_;
  return !factory_failed_;
}

bool ExporterSubject::build_object(const Layout& layout) {
  forget_object();
  PyErr_Clear();
  object_ = built_.make(layout);
  if (!object_) {
    const std::string reason = take_exception_text();
    if (!reason.empty() && build_failure_.empty())
      build_failure_ = "building an object of " + describe(layout) + " failed: " + reason;
    return false;
  }
  asked_ = object_.get();
  built_layout_ = layout;
  is_c_contiguous_ = is_contiguous(geometry_of(layout), 'C');
  return true;
}

// A factory that gives one object again and again has none that may be changed.
bool ExporterSubject::makes_fresh_objects() {
  if (!is_fresh_each_time_) {
    const Ref another(PyObject_CallNoArgs(declared_.factory.get()));
    PyErr_Clear();
    is_fresh_each_time_ = another && another.get() != object_.get();
  }
  return *is_fresh_each_time_;
}

void ExporterSubject::survey() {
  if (is_surveyed_) return;
  is_surveyed_ = true;
  references_at_begin_ = references_of(asked_);
  if (ledger_ != nullptr && ledger_->surveys_lost() >= surveys_that_may_be_lost) return;
  Slot& slot = slots_[0];
  for (std::size_t number = 0; number < survey_words.size(); ++number) {
    if (ledger_ != nullptr && !ledger_->begin_survey(number)) continue;
    Answer answer;
    acquire(survey_words[number], slot, answer);
    if (answer.granted) {
      richest_word_ = survey_words[number];
      richest_buf_ = slot.acquired.buf;
      Layout layout;
      if (layout_from_answer(answer, layout)) is_c_contiguous_ = is_contiguous(geometry_of(layout), 'C');
      richest_elements_ = slot.seen;
      richest_ = std::move(answer);
      StepRecord ignored;
      release(slot, ignored);
    }
    if (ledger_ != nullptr) ledger_->end_survey(number);
    if (richest_) return;
  }
}

}  // namespace bufspec::cpython
