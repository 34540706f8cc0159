#include "subject.hpp"

#include "bufspec/layout.hpp"

namespace bufspec::engine {

namespace {

Tree list_of(const Extents& values, int ndim) {
  Tree made = Tree::empty_list();
  for (std::size_t i = 0; i < static_cast<std::size_t>(ndim); ++i)
    made.list.push_back(Tree::of(std::int64_t{values[i]}));
  return made;
}

// A function of the scenario's layout, in the words of a call.
void call_function(Library& library, const Scenario& scenario, StepRecord& record) {
  Tree given = given_of(*scenario.layout);
  given.map.emplace_back("order", Tree::of(std::string(1, scenario.order)));
  const CallAnswer found = library.call("is_contiguous", given, scenario.edition);
  if (!found.answer) return;
  Called& called = record.called.emplace();
  if (const Tree* error = found.answer->find("error"); error != nullptr)
    called.error = error_from_name(error->string);
  else if (const Tree* result = found.answer->find("result"); result != nullptr)
    called.result = static_cast<long>(result->integer);
}

}  // namespace

Tree given_of(const Layout& layout) {
  Tree given = Tree::empty_map();
  const auto put = [&](const char* key, Tree value) { given.map.emplace_back(key, std::move(value)); };
  put("format", Tree::of(layout.format));
  put("itemsize", Tree::of(std::int64_t{layout.itemsize}));
  put("shape", list_of(layout.shape, layout.ndim));
  if (layout.has_strides) put("strides", list_of(layout.strides, layout.ndim));
  if (layout.has_suboffsets) put("suboffsets", list_of(layout.suboffsets, layout.ndim));
  if (layout.offset != 0) put("offset", Tree::of(std::int64_t{layout.offset}));
  put("block", Tree::of(std::int64_t{layout.block}));
  if (layout.readonly) put("readonly", Tree::of(true));
  return given;
}

bool LibrarySubject::begin(const Scenario& scenario, Trace& trace) {
  if (scenario.target != Target::function) return false;
  const bool has_memory = scenario.layout && well_formed(*scenario.layout).ok();
  if (!scenario.call && !scenario.check && !has_memory) return false;
  trace.observes = observes();
  trace.runtime = library_.runtime();
  return true;
}

void LibrarySubject::perform(const Scenario& scenario, std::size_t step, Trace& trace) {
  StepRecord& record = trace.steps.emplace_back();
  if (scenario.steps[step].kind != StepKind::call) return;
  if (scenario.call) {
    CallAnswer found = library_.call(scenario.call->name, scenario.call->given, scenario.edition);
    if (found.answer) record.called.emplace().answer = std::move(found.answer);
  } else if (scenario.check) {
    Called called;
    if (library_.check(*scenario.check, called)) record.called = std::move(called);
  } else if (scenario.layout) {
    call_function(library_, scenario, record);
  }
}

}  // namespace bufspec::engine
