#include "campaigns.hpp"

#include <string>
#include <utility>
#include <vector>

#include "campaign_state.hpp"
#include "case_list_object.hpp"
#include "finding_dict.hpp"
#include "harness/adapters/cpython/api/collector.hpp"
#include "harness/adapters/cpython/exporter/subject.hpp"
#include "ledger_object.hpp"
#include "runs.hpp"
#include "subject_arguments.hpp"
#include "subject_of.hpp"
#include "suites/campaign/campaign.hpp"

namespace bufspec::cpython {

namespace {

bool inputs_from(PyObject* given, std::vector<std::vector<std::uint8_t>>& inputs) {
  if (given == nullptr || given == Py_None) return true;
  const Ref list(PySequence_List(given));
  for (Py_ssize_t i = 0; list && i < PyList_Size(list.get()); ++i) {
    char* bytes = nullptr;
    Py_ssize_t size = 0;
    if (PyBytes_AsStringAndSize(PyList_GetItem(list.get(), i), &bytes, &size) != 0) return false;
    inputs.emplace_back(bytes, bytes + size);
  }
  return static_cast<bool>(list);
}

Ref dict_of_found(const campaign::Found& found) {
  const std::string described = describe(found.scenario);
  std::string encoded;
  for (const std::uint8_t byte : found.encoded) {
    encoded += "0123456789abcdef"[byte >> 4];
    encoded += "0123456789abcdef"[byte & 15];
  }
  Ref broken = dict_of_violation(found.violation);
  if (!broken) return {};
  const Ref where(Py_BuildValue("{s:s,s:K,s:s#}", "encoded", encoded.c_str(), "execution",
                                static_cast<unsigned long long>(found.execution), "scenario", described.data(),
                                static_cast<Py_ssize_t>(described.size())));
  if (!where || PyDict_Update(broken.get(), where.get()) != 0) return {};
  return broken;
}

}  // namespace

PyObject* explore_subject(PyObject*, PyObject* arguments, PyObject* keywords) {
  static const char* names[] = {"target", "subject",  "state",    "ledger", "on_found", "operations", "build",
                                "expect", "volatile", "readonly", "kind",   "returns",  "accepts",    "fallback",
                                "also",   "rules",    "edition",  "seed",   "stream",   "until",      "seconds",
                                "guided", "cases",    "inputs",   nullptr};
  const char* target_name = nullptr;
  const char* edition_name = "current";
  PyObject* state_object = nullptr;
  PyObject* ledger_object = nullptr;
  PyObject* on_found = nullptr;
  PyObject* rules = nullptr;
  PyObject* cases_object = nullptr;
  PyObject* inputs_object = nullptr;
  unsigned long long seed = 0;
  unsigned long long stream = 0;
  unsigned long long until = 0;
  int guided = 1;
  Target target{};
  SubjectArguments given;
  campaign::Options options;
  if (PyArg_ParseTupleAndKeywords(
          arguments, keywords, "sOOOO|$OOOppssOpOOsKKKdpOO:explore", const_cast<char**>(names), &target_name,
          &given.what, &state_object, &ledger_object, &on_found, &given.operations, &given.build, &given.expect,
          &given.is_volatile, &given.is_readonly, &given.consumer.kind, &given.consumer.returns,
          &given.consumer.accepts, &given.consumer.has_fallback, &given.consumer.also, &rules, &edition_name, &seed,
          &stream, &until, &options.seconds, &guided, &cases_object, &inputs_object) == 0 ||
      !require_tables() || !target_from(target_name, target))
    return nullptr;
  campaign::Vocabulary vocabulary;
  vocabulary.target = target;
  campaign::State* const state = campaign_state_of(state_object);
  engine::Ledger* const ledger = state != nullptr ? ledger_of(ledger_object) : nullptr;
  std::vector<std::vector<std::uint8_t>> inputs;
  if (ledger == nullptr || !edition_from(edition_name, vocabulary.edition) ||
      !rules_from(rules, vocabulary.edition, options.rules) || !inputs_from(inputs_object, inputs))
    return nullptr;
  options.seed = seed;
  options.stream = stream;
  options.until = until;
  options.guided = guided != 0;
  options.inputs = inputs;
  const auto is_given = [](PyObject* argument) { return argument != nullptr && argument != Py_None; };
  vocabulary.builds = is_given(given.build);
  if (is_given(given.operations)) {
    const Py_ssize_t count = PySequence_Size(given.operations);
    if (count < 0) return nullptr;
    vocabulary.operations = static_cast<std::size_t>(count);
  }
  if (is_given(cases_object)) {
    const MadeCases* const cases = cases_of(cases_object);
    if (cases == nullptr) return nullptr;
    if (cases->target != target || cases->list.size() == 0) {
      PyErr_SetString(PyExc_ValueError, "the cases are not those of such a subject");
      return nullptr;
    }
    vocabulary.draw = [cases](engine::Numbers& numbers) {
      return cases->list.make(static_cast<std::size_t>(numbers.below(cases->list.size()))).scenario;
    };
  }
  const FrozenObjects frozen;
  const auto subject = subject_of(target, given);
  if (subject == nullptr) return nullptr;
  ledger->begin_run(static_cast<std::uint8_t>(target), static_cast<std::uint8_t>(vocabulary.edition));
  bool ok = true;
  const bool is_there =
      campaign::explore(*subject, *ledger, *state, vocabulary, options, [&](const campaign::Found& found) {
        const Ref record = dict_of_found(found);
        const Ref answer(record ? PyObject_CallFunctionObjArgs(on_found, record.get(), nullptr) : nullptr);
        ok = static_cast<bool>(answer);
        return ok && answer.get() != Py_False;
      });
  if (auto* const exporter = dynamic_cast<ExporterSubject*>(subject.get()); exporter != nullptr)
    if (exporter->raise_failure()) return nullptr;
  if (!ok) return nullptr;
  PyErr_Clear();
  return PyBool_FromLong(is_there ? 1 : 0);
}

}  // namespace bufspec::cpython
