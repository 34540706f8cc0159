// One case shown in full, and the loops that the benchmark compares.
#include <algorithm>
#include <chrono>
#include <limits>
#include <memory>

#include "asked_subjects.hpp"
#include "exporter_subject.hpp"
#include "harness/engine/run.hpp"
#include "loaded_tables.hpp"
#include "runs.hpp"

namespace bufspec::cpython {

namespace {

const char* text_of(Pointer pointer) noexcept {
  switch (pointer) {
    case Pointer::null:
      return "NULL";
    case Pointer::readable:
      return "set";
    case Pointer::untouched:
      return "untouched";
    case Pointer::unreadable:
      return "unreadable";
  }
  return "";
}

const char* text_of(Owner owner) noexcept {
  switch (owner) {
    case Owner::null:
      return "NULL";
    case Owner::exporter:
      return "exporter";
    case Owner::other:
      return "other object";
    case Owner::untouched:
      return "untouched";
    case Owner::garbage:
      return "garbage";
  }
  return "";
}

// An array field: the list of its entries, or how it is not one.
PyObject* array_of(Pointer pointer, const Extents& values, int ndim) {
  if (pointer != Pointer::readable) return PyUnicode_FromString(text_of(pointer));
  const Py_ssize_t size = std::clamp(ndim, 0, max_ndim);
  Ref list(PyList_New(size));
  for (Py_ssize_t i = 0; list && i < size; ++i) {
    PyObject* entry = PyLong_FromSsize_t(values[static_cast<std::size_t>(i)]);
    if (entry == nullptr || PyList_SetItem(list.get(), i, entry) != 0) return nullptr;
  }
  return list.release();
}

PyObject* format_of(const View& view) {
  if (view.format != Pointer::readable) return PyUnicode_FromString(text_of(view.format));
  const std::string_view text = view.format_text.text();
  const Ref decoded(PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace"));
  return decoded ? PyUnicode_FromFormat("\"%U\"", decoded.get()) : nullptr;
}

PyObject* optional_long(const std::optional<long>& value) {
  return value ? PyLong_FromLong(*value) : Py_NewRef(Py_None);
}

// What an acquire came to; the fields only if it was granted.
PyObject* dict_of(const Answer& answer) {
  const View& view = answer.view;
  if (!answer.granted)
    return Py_BuildValue("{s:O,s:s,s:s,s:N,s:N}", "granted", Py_False, "exception", answer.exception_name.c_str(),
                         "obj", text_of(view.obj), "references_gained", optional_long(answer.references_gained),
                         "canaries_intact", PyBool_FromLong(answer.canaries_intact ? 1 : 0));
  return Py_BuildValue("{s:O,s:s,s:n,s:s,s:n,s:n,s:i,s:i,s:N,s:N,s:N,s:N,s:N,s:N}", "granted", Py_True, "buf",
                       text_of(view.buf), "buf_offset", view.buf_offset, "obj", text_of(view.obj), "len", view.len,
                       "itemsize", view.itemsize, "readonly", view.readonly, "ndim", view.ndim, "format",
                       format_of(view), "shape", array_of(view.shape, view.shape_values, view.ndim), "strides",
                       array_of(view.strides, view.strides_values, view.ndim), "suboffsets",
                       array_of(view.suboffsets, view.suboffsets_values, view.ndim), "references_gained",
                       optional_long(answer.references_gained), "canaries_intact",
                       PyBool_FromLong(answer.canaries_intact ? 1 : 0));
}

PyObject* dict_of(const Released& released) {
  return Py_BuildValue("{s:s,s:N,s:N}", "obj", text_of(released.obj), "references_kept",
                       optional_long(released.references_kept), "canaries_intact",
                       PyBool_FromLong(released.canaries_intact ? 1 : 0));
}

PyObject* dict_of(const Consumed& consumed) {
  Ref requests(PyList_New(0));
  for (const auto& request : consumed.requests) {
    const Ref entry(Py_BuildValue("{s:i,s:s,s:N,s:i}", "flags", request.flags, "name",
                                  flags_name(request.flags).c_str(), "granted",
                                  PyBool_FromLong(request.granted ? 1 : 0), "releases", request.releases));
    if (!requests || !entry || PyList_Append(requests.get(), entry.get()) != 0) return nullptr;
  }
  const Ref bytes(consumed.bytes ? PyBytes_FromStringAndSize(consumed.bytes->data(),
                                                             static_cast<Py_ssize_t>(consumed.bytes->size()))
                                 : Py_NewRef(Py_None));
  return Py_BuildValue("{s:N,s:N,s:s,s:O}", "requests", requests.release(), "raised",
                       PyBool_FromLong(consumed.raised ? 1 : 0), "exception", error_name(consumed.error).data(),
                       "bytes", bytes.get());
}

PyObject* dict_of_step(const Step& step, const StepRecord& record) {
  if (record.answer)
    return Py_BuildValue("{s:s,s:i,s:s,s:i,s:N}", "kind", "acquire", "flags", step.flags, "name",
                         flags_name(step.flags).c_str(), "slot", static_cast<int>(step.slot), "answer",
                         dict_of(*record.answer));
  if (record.released)
    return Py_BuildValue("{s:s,s:i,s:N}", "kind", "release", "slot", static_cast<int>(step.slot), "answer",
                         dict_of(*record.released));
  if (record.consumed) return Py_BuildValue("{s:s,s:N}", "kind", "consume", "answer", dict_of(*record.consumed));
  if (record.called)
    return Py_BuildValue("{s:s,s:{s:s,s:l}}", "kind", "call", "answer", "error",
                         error_name(record.called->error).data(), "result", record.called->result);
  return Py_BuildValue("{s:s,s:O}", "kind", step.kind == StepKind::release ? "release" : "none", "answer", Py_None);
}

Ref list_of_steps(const Scenario& scenario, const Trace& trace) {
  Ref steps(PyList_New(0));
  for (std::size_t i = 0; steps && i < trace.steps.size() && i < scenario.steps.size(); ++i) {
    const Ref step(dict_of_step(scenario.steps[i], trace.steps[i]));
    if (!step || PyList_Append(steps.get(), step.get()) != 0) return {};
  }
  return steps;
}

Ref list_of_violations(const Judgement& judgement, const RuleSet& rules) {
  Ref list(PyList_New(0));
  for (const Violation& violation : judgement.violations) {
    if (!rules[index_of(violation.rule)]) continue;
    const Ref entry(Py_BuildValue("{s:s,s:n,s:s#,s:s#}", "rule", rule_id(violation.rule).data(), "step",
                                  static_cast<Py_ssize_t>(violation.step), "expected", violation.expected.data(),
                                  static_cast<Py_ssize_t>(violation.expected.size()), "found", violation.found.data(),
                                  static_cast<Py_ssize_t>(violation.found.size())));
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

std::unique_ptr<engine::Subject> subject_of(Target target, PyObject* object) {
  if (target == Target::exporter) return std::make_unique<ExporterSubject>(object);
  if (target == Target::consumer) return std::make_unique<ConsumerSubject>(object);
  return std::make_unique<FunctionSubject>();
}

double nanoseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - start).count();
}

// The requests as a program makes them, with nothing looked at.
double time_raw(PyObject* object, const std::vector<int>& words, std::uint64_t rounds) {
  Py_buffer view;
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t round = 0; round < rounds; ++round) {
    for (const int word : words) {
      if (PyObject_GetBuffer(object, &view, word) == 0) {
        PyBuffer_Release(&view);
      } else {
        PyErr_Clear();
      }
    }
  }
  return nanoseconds_since(start);
}

}  // namespace

PyObject* shown_trace(Target target, PyObject* object, const Scenario& scenario, const char* id) {
  const auto subject = subject_of(target, object);
  const Trace trace = engine::trace_of(*subject, scenario);
  if (PyErr_Occurred() != nullptr) return nullptr;
  const RuleSet rules = rules_judged_in(scenario.edition);
  const Judgement judgement = judge(scenario, trace);
  Ref steps = list_of_steps(scenario, trace);
  Ref violations = list_of_violations(judgement, rules);
  Ref judged = list_of_rules(judgement.judged & rules);
  Ref followed = dict_of_readings(judgement.readings);
  Ref richest(trace.richest ? dict_of(*trace.richest) : Py_NewRef(Py_None));
  if (!steps || !violations || !judged || !followed || !richest) return nullptr;
  return Py_BuildValue("{s:s,s:s,s:I,s:i,s:s,s:N,s:N,s:N,s:N,s:N}", "case", id, "scenario", describe(scenario).c_str(),
                       "runtime", static_cast<unsigned int>(trace.runtime), "richest_word", trace.richest_word,
                       "richest_request", trace.richest ? flags_name(trace.richest_word).c_str() : "", "richest",
                       richest.release(), "steps", steps.release(), "violations", violations.release(), "judged",
                       judged.release(), "readings", followed.release());
}

PyObject* trace_case(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"target", "subject", "case_id", "edition", nullptr};
  const char* target_name = nullptr;
  PyObject* object = nullptr;
  const char* id = nullptr;
  const char* edition_name = "current";
  Target target{};
  Edition edition{};
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "sOs|$s:trace_case", const_cast<char**>(names), &target_name,
                                  &object, &id, &edition_name) == 0 ||
      !require_tables() || !target_from(target_name, target) || !edition_from(edition_name, edition))
    return nullptr;
  const auto& cases = cases_for(target, edition);
  const auto found = std::find_if(cases.begin(), cases.end(), [&](const suites::Case& one) { return one.id == id; });
  if (found == cases.end()) {
    PyErr_Format(PyExc_ValueError, "no case is called '%s'; cases() lists them", id);
    return nullptr;
  }
  return shown_trace(target, object, found->scenario, found->id.c_str());
}

PyObject* bench_requests(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"object", "rounds", nullptr};
  PyObject* object = nullptr;
  Py_ssize_t rounds = 0;
  if (PyArg_ParseTupleAndKeywords(arguments, keywords, "On:bench_requests", const_cast<char**>(names), &object,
                                  &rounds) == 0 ||
      !require_tables())
    return nullptr;
  if (rounds < 1) {
    PyErr_SetString(PyExc_ValueError, "rounds must be at least 1");
    return nullptr;
  }
  const auto cases = suites::canonical_request_cases(tables(), Edition::current);

  // The subject asks a factory; here the object is given, so the factory is a callable that returns it.
  const Ref operators(PyImport_ImportModule("operator"));
  const Ref getter(operators ? PyObject_CallMethod(operators.get(), "itemgetter", "i", 0) : nullptr);
  const Ref functools(PyImport_ImportModule("functools"));
  const Ref holder(PyTuple_Pack(1, object));
  if (!getter || !functools || !holder) return nullptr;
  const Ref factory(PyObject_CallMethod(functools.get(), "partial", "OO", getter.get(), holder.get()));
  if (!factory) return nullptr;

  auto memory = std::make_unique<engine::LedgerData>();
  engine::Ledger ledger(memory.get(), true);
  ExporterSubject subject(factory.get());
  const auto words = tables().canonical_words();
  engine::Repeater repeater(subject, cases, ledger);
  std::uint64_t fast = 0;
  repeater.run(2);  // warm, and memorised
  // Both in turn, many times, and the best of each: what else the machine does then slows neither in particular.
  constexpr std::uint64_t turns = 20;
  const std::uint64_t rounds_a_turn = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(rounds) / turns);
  double judged = std::numeric_limits<double>::max();
  double raw = std::numeric_limits<double>::max();
  for (std::uint64_t turn = 0; turn < turns; ++turn) {
    raw = std::min(raw, time_raw(object, words, rounds_a_turn));
    const auto start = std::chrono::steady_clock::now();
    fast += repeater.run(rounds_a_turn);
    judged = std::min(judged, nanoseconds_since(start));
  }
  const double requests = static_cast<double>(rounds_a_turn) * static_cast<double>(cases.size());
  return Py_BuildValue("{s:d,s:d,s:n,s:K}", "raw_ns", raw / requests, "judged_ns", judged / requests, "words",
                       static_cast<Py_ssize_t>(cases.size()), "fast", static_cast<unsigned long long>(fast));
}

}  // namespace bufspec::cpython
