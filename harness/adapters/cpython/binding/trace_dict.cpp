#include "trace_dict.hpp"

#include <algorithm>
#include <utility>

#include "finding_dict.hpp"

namespace bufspec::cpython {

namespace {

// An array field: the list of its entries, or how it is not one.
PyObject* array_of(Pointer pointer, const Extents& values, int ndim) {
  if (pointer != Pointer::readable) return PyUnicode_FromString(name_of(pointer));
  const Py_ssize_t size = std::clamp(ndim, 0, max_ndim);
  Ref list(PyList_New(size));
  for (Py_ssize_t i = 0; list && i < size; ++i) {
    PyObject* entry = PyLong_FromSsize_t(values[static_cast<std::size_t>(i)]);
    if (entry == nullptr || PyList_SetItem(list.get(), i, entry) != 0) return nullptr;
  }
  return list.release();
}

PyObject* format_of(const View& view) {
  if (view.format != Pointer::readable) return PyUnicode_FromString(name_of(view.format));
  const std::string_view text = view.format_text.text();
  const Ref decoded(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace"));
  return decoded ? PyUnicode_FromFormat("\"%U\"", decoded.get()) : nullptr;
}

PyObject* optional_long(const std::optional<long>& value) {
  return value ? PyLong_FromLong(*value) : Py_NewRef(Py_None);
}

// None where there was nothing to compare.
PyObject* text_or_none(SameElements elements) {
  if (elements == SameElements::not_compared) return Py_NewRef(Py_None);
  return PyUnicode_FromString(elements == SameElements::same ? "same" : "different");
}

PyObject* truth(bool holds) { return PyBool_FromLong(holds ? 1 : 0); }

PyObject* optional_truth(const std::optional<bool>& holds) { return holds ? truth(*holds) : Py_NewRef(Py_None); }

PyObject* optional_bytes(const std::optional<std::int64_t>& bytes) {
  return bytes ? PyLong_FromLongLong(*bytes) : Py_NewRef(Py_None);
}

// What an acquire came to; the fields only if it was granted.
PyObject* dict_of(const Answer& answer) {
  const View& view = answer.view;
  if (!answer.granted)
    return Py_BuildValue("{s:O,s:i,s:s,s:s,s:N,s:N}", "granted", Py_False, "status", answer.status, "exception",
                         answer.exception_name.c_str(), "obj", name_of(view.obj), "references_gained",
                         optional_long(answer.references_gained), "canaries_intact", truth(answer.canaries_intact));
  return Py_BuildValue(
      "{s:O,s:i,s:s,s:n,s:s,s:n,s:n,s:i,s:i,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N,s:N}", "granted", Py_True, "status",
      answer.status, "buf", name_of(view.buf), "buf_offset", view.buf_offset, "obj", name_of(view.obj), "len", view.len,
      "itemsize", view.itemsize, "readonly", view.readonly, "ndim", view.ndim, "format", format_of(view), "shape",
      array_of(view.shape, view.shape_values, view.ndim), "strides",
      array_of(view.strides, view.strides_values, view.ndim), "suboffsets",
      array_of(view.suboffsets, view.suboffsets_values, view.ndim), "references_gained",
      optional_long(answer.references_gained), "canaries_intact", truth(answer.canaries_intact), "unwritten",
      fields_of(answer.unwritten), "memory_readable", optional_truth(answer.memory_readable), "elements",
      text_or_none(answer.elements), "declared", text_or_none(answer.declared));
}

PyObject* dict_of(const Released& released) {
  return Py_BuildValue("{s:s,s:N,s:N,s:N}", "obj", name_of(released.obj), "references_kept",
                       optional_long(released.references_kept), "canaries_intact", truth(released.canaries_intact),
                       "exception_set", truth(released.exception_set));
}

PyObject* dict_of(const Reread& reread) {
  return Py_BuildValue("{s:N,s:N,s:N,s:N,s:N}", "changed", fields_of(reread.changed), "unreadable",
                       fields_of(reread.unreadable), "memory_readable", truth(reread.memory_readable), "memory_reused",
                       truth(reread.memory_reused), "elements", text_or_none(reread.elements));
}

PyObject* dict_of(const Written& written) {
  return Py_BuildValue("{s:N,s:N,s:N,s:N,s:N}", "tried", truth(written.tried), "possible", truth(written.possible),
                       "read_back", truth(written.read_back), "elsewhere", text_or_none(written.elsewhere), "restored",
                       truth(written.restored));
}

PyObject* dict_of(const Mutated& mutated) {
  return Py_BuildValue("{s:s,s:i,s:N,s:s,s:N,s:N,s:s}", "operation", mutated.operation.c_str(), "views_held",
                       mutated.views_held, "raised", truth(mutated.raised), "exception", mutated.exception_name.c_str(),
                       "twin_tried", truth(mutated.twin_tried), "twin_raised", truth(mutated.twin_raised),
                       "twin_exception", mutated.twin_exception_name.c_str());
}

PyObject* dict_of(const bufspec::Repeated& repeated) {
  return Py_BuildValue("{s:K,s:K,s:N,s:N,s:N,s:N}", "granted", static_cast<unsigned long long>(repeated.granted),
                       "refused", static_cast<unsigned long long>(repeated.refused), "references_kept",
                       optional_long(repeated.references_kept), "first_half_bytes",
                       optional_bytes(repeated.first_half_bytes), "second_half_bytes",
                       optional_bytes(repeated.second_half_bytes), "elements_same", truth(repeated.elements_same));
}

const char* text_of(Compared compared) noexcept {
  switch (compared) {
    case Compared::not_compared:
      return "not compared";
    case Compared::right:
      return "right";
    case Compared::wrong:
      return "wrong";
  }
  return "";
}

PyObject* dict_of(const Consumed& consumed) {
  Ref requests(PyList_New(0));
  for (const auto& request : consumed.requests) {
    const Ref entry(dict_of_request(request));
    if (!requests || !entry || PyList_Append(requests.get(), entry.get()) != 0) return nullptr;
  }
  return Py_BuildValue("{s:N,s:i,s:i,s:N,s:N,s:s,s:s,s:N,s:s,s:s,s:N,s:s,s:N,s:N,s:N}", "requests", requests.release(),
                       "stray_releases", consumed.stray_releases, "results_held", consumed.results_held, "called",
                       truth(consumed.called), "raised", truth(consumed.raised), "exception",
                       error_name(consumed.error).data(), "exception_name", consumed.exception_name.c_str(),
                       "result_and_exception_disagree", truth(consumed.result_and_exception_disagree), "result",
                       text_of(consumed.result), "misreading", misreading_name(consumed.misreading).data(),
                       "difference", dict_of_difference(consumed.difference), "filled", text_of(consumed.filled),
                       "elements_changed", truth(consumed.elements_changed), "gaps_changed",
                       truth(consumed.gaps_changed), "references_kept", optional_long(consumed.references_kept));
}

// What was seen at the step; None where it was not possible, or there is nothing to see.
PyObject* answer_of(const StepRecord& record) {
  if (record.answer) return dict_of(*record.answer);
  if (record.released) return dict_of(*record.released);
  if (record.reread) return dict_of(*record.reread);
  if (record.written) return dict_of(*record.written);
  if (record.mutated) return dict_of(*record.mutated);
  if (record.repeated) return dict_of(*record.repeated);
  if (record.consumed) return dict_of(*record.consumed);
  if (record.called)
    return Py_BuildValue("{s:s,s:l}", "error", error_name(record.called->error).data(), "result",
                         record.called->result);
  return Py_NewRef(Py_None);
}

bool asks(StepKind kind) noexcept {
  return kind == StepKind::acquire || kind == StepKind::acquire_direct || kind == StepKind::reenter ||
         kind == StepKind::repeat || kind == StepKind::threads;
}

bool has_slot(StepKind kind) noexcept {
  return kind == StepKind::consume || kind == StepKind::acquire || kind == StepKind::acquire_direct ||
         kind == StepKind::release || kind == StepKind::release_copy || kind == StepKind::read ||
         kind == StepKind::write;
}

bool put(const Ref& dict, const char* key, PyObject* owned) {
  const Ref value(owned);
  return value && PyDict_SetItemString(dict.get(), key, value.get()) == 0;
}

Ref dict_of_step(const Step& step, const StepRecord& record) {
  Ref dict(Py_BuildValue("{s:s,s:N}", "kind", name_of(step.kind), "answer", answer_of(record)));
  if (!dict) return {};
  bool ok = true;
  if (asks(step.kind) && !record.consumed)
    ok = put(dict, "flags", PyLong_FromLong(step.flags)) &&
         put(dict, "name", PyUnicode_FromString(flags_name(step.flags).c_str()));
  if (has_slot(step.kind)) ok = ok && put(dict, "slot", PyLong_FromLong(step.slot));
  if (step.kind == StepKind::mutate) ok = ok && put(dict, "operation", PyLong_FromLong(step.flags));
  if (step.count > 0) ok = ok && put(dict, "count", PyLong_FromLong(step.count));
  if (step.kind == StepKind::reenter && record.released) ok = ok && put(dict, "released", dict_of(*record.released));
  return ok ? std::move(dict) : Ref();
}

Ref list_of_steps(const Scenario& scenario, const Trace& trace) {
  Ref steps(PyList_New(0));
  for (std::size_t i = 0; steps && i < trace.steps.size() && i < scenario.steps.size(); ++i) {
    const Ref step = dict_of_step(scenario.steps[i], trace.steps[i]);
    if (!step || PyList_Append(steps.get(), step.get()) != 0) return {};
  }
  return steps;
}

Ref list_of_violations(const Judgement& judgement, const RuleSet& rules) {
  Ref list(PyList_New(0));
  for (const Violation& violation : judgement.violations) {
    if (!rules[index_of(violation.rule)]) continue;
    const Ref entry = dict_of_violation(violation);
    if (!list || !entry || PyList_Append(list.get(), entry.get()) != 0) return {};
  }
  return list;
}

Ref list_of_rules(const RuleSet& rules) {
  Ref list(PyList_New(0));
  for (std::size_t i = 0; list && i < rule_count; ++i) {
    if (!rules[i]) continue;
    const Ref id(PyUnicode_FromString(rule_ids[i].data()));
    if (!id || PyList_Append(list.get(), id.get()) != 0) return {};
  }
  return list;
}

Ref dict_of_readings(std::uint64_t bits) {
  Ref dict(PyDict_New());
  for (std::size_t i = 0; dict && i < readings.size(); ++i) {
    if ((bits >> i & 1) == 0) continue;
    const Ref name(PyUnicode_FromString(readings[i].name.data()));
    if (!name || PyDict_SetItemString(dict.get(), rule_id(readings[i].rule).data(), name.get()) != 0) return {};
  }
  return dict;
}

}  // namespace

PyObject* dict_of_request(const Consumed::Request& request) {
  return Py_BuildValue("{s:i,s:s,s:N,s:i,s:N}", "flags", request.flags, "name", flags_name(request.flags).c_str(),
                       "granted", truth(request.granted), "releases", request.releases, "changed",
                       fields_of(request.changed));
}

const char* name_of(StepKind kind) noexcept {
  switch (kind) {
    case StepKind::acquire:
      return "acquire";
    case StepKind::release:
      return "release";
    case StepKind::consume:
      return "consume";
    case StepKind::call:
      return "call";
    case StepKind::acquire_direct:
      return "acquire_direct";
    case StepKind::release_copy:
      return "release_copy";
    case StepKind::read:
      return "read";
    case StepKind::write:
      return "write";
    case StepKind::mutate:
      return "mutate";
    case StepKind::collect:
      return "collect";
    case StepKind::drop:
      return "drop";
    case StepKind::reenter:
      return "reenter";
    case StepKind::repeat:
      return "repeat";
    case StepKind::threads:
      return "threads";
  }
  return "";
}

Ref dict_of_trace(const Scenario& scenario, const Trace& trace, const RuleSet& rules) {
  const Judgement judgement = judge(scenario, trace);
  Ref steps = list_of_steps(scenario, trace);
  Ref violations = list_of_violations(judgement, rules);
  Ref judged = list_of_rules(judgement.judged & rules);
  Ref followed = dict_of_readings(judgement.readings);
  Ref richest(trace.richest ? dict_of(*trace.richest) : Py_NewRef(Py_None));
  if (!steps || !violations || !judged || !followed || !richest) return {};
  return Ref(Py_BuildValue("{s:s,s:I,s:i,s:s,s:N,s:N,s:N,s:N,s:N}", "scenario", describe(scenario).c_str(), "runtime",
                           static_cast<unsigned int>(trace.runtime), "richest_word", trace.richest_word,
                           "richest_request", trace.richest ? flags_name(trace.richest_word).c_str() : "", "richest",
                           richest.release(), "steps", steps.release(), "violations", violations.release(), "judged",
                           judged.release(), "readings", followed.release()));
}

}  // namespace bufspec::cpython
