// Scenarios nobody thought of, on a native subject: does it keep the rules, whatever it is asked?  The subject is linked into
// this program (bufspec_fuzz_subject() of CMake), or is in the shared library that BUFSPEC_FUZZ_SUBJECT names: LIBRARY, or
// LIBRARY:NAME of one of its subjects.  A library that was built with -fsanitize=fuzzer-no-link guides the engine itself.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "bufspec/judge.hpp"
#include "fuzz/short_scenario.hpp"
#include "harness/adapters/native/described.hpp"
#include "harness/adapters/native/subjects.hpp"
#include "suites/engine/run.hpp"

extern "C" __attribute__((weak)) const bufspec_table* bufspec_subjects(void);

namespace {

namespace native = bufspec::native;
using native::Described;

[[noreturn]] void refuse(const native::Refusal& refusal) {
  std::fprintf(stderr, "%s: %s; %s\n", refusal.where.c_str(), refusal.what.c_str(), refusal.hint.c_str());
  std::exit(2);
}

const Described* named(const std::vector<Described>& subjects, const std::string& name) {
  for (const Described& one : subjects)
    if (name.empty() ? one.target != bufspec::Target::function : one.name == name || one.name.ends_with("." + name))
      return &one;
  return nullptr;
}

// The subject to judge, with what its library described.
struct Judged {
  std::vector<Described> subjects;
  const Described* described = nullptr;
  std::unique_ptr<bufspec::engine::Subject> subject;

  Judged() {
    const char* const asked = std::getenv("BUFSPEC_FUZZ_SUBJECT");
    std::string name;
    if (bufspec_subjects != nullptr) {
      if (asked != nullptr) name = asked;
      const native::Refusal refusal = native::described_in(bufspec_subjects(), subjects);
      if (!refusal.what.empty()) refuse(refusal);
    } else {
      if (asked == nullptr)
        refuse({"BUFSPEC_FUZZ_SUBJECT", "is not set", "name a library: ./libmine.so, or ./libmine.so:NAME"});
      std::string path = asked;
      if (const std::size_t colon = path.rfind(':'); colon != std::string::npos) {
        name = path.substr(colon + 1);
        path.resize(colon);
      }
      const native::Library& library = native::load(path);
      if (!library.ok()) refuse(library.refusal);
      subjects = library.subjects;
    }
    described = named(subjects, name);
    if (described == nullptr)
      refuse({"BUFSPEC_FUZZ_SUBJECT", "names no exporter or consumer of the library",
              "bufspec check --native LIBRARY --list shows them"});
    subject = native::subject_of(*described);
    const std::string reason = native::reason_of_nothing(*subject, *described);
    if (!reason.empty()) refuse({described->name, reason, "let make() return an object"});
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Judged judged;
  bufspec::Scenario scenario = bufspec::decode({data, size});
  if (scenario.target != judged.described->target) return 0;
  scenario.edition = bufspec::Edition::current;  // what another one owes besides is no fault of who keeps this one
  bufspec::fuzz::shorten(scenario);
  const bufspec::Trace trace = bufspec::engine::trace_of(*judged.subject, scenario);
  if (trace.observes == 0) return 0;
  const bufspec::Judgement judgement = bufspec::judge(scenario, trace);
  if (judgement.clean()) return 0;
  std::fprintf(stderr, "%s: %s\n", judged.described->name.c_str(), bufspec::describe(scenario).c_str());
  for (const bufspec::Violation& one : judgement.violations)
    std::fprintf(stderr, "step %zu breaks %s: %s\n", one.step, std::string(bufspec::rule_id(one.rule)).c_str(),
                 bufspec::describe(one.finding).c_str());
  std::abort();
}
