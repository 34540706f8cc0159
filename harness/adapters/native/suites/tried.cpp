#include "tried.hpp"

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <new>
#include <sstream>

#include "bufspec/judge.hpp"
#include "harness/adapters/native/subjects.hpp"
#include "suites/engine/ledger.hpp"
#include "suites/engine/run.hpp"

namespace bufspec::native {

namespace {

constexpr std::size_t most_text = 1 << 16;
constexpr std::size_t tries_of_simplifying = 400;

std::string text_of(const Judgement& judgement) {
  std::ostringstream text;
  for (const Violation& one : judgement.violations)
    text << "step " << one.step << "  " << rule_id(one.rule) << "\n  " << describe(one.finding) << "\n";
  return text.str();
}

Tried try_here(const Described& described, const Scenario& scenario, engine::Ledger* ledger) {
  const auto subject = subject_of(described);
  if (subject == nullptr) return {};
  std::string reason = reason_of_nothing(*subject, described);
  if (!reason.empty()) return {true, std::move(reason) + "\n"};
  if (ledger != nullptr) subject->attach(*ledger);
  const Trace trace = engine::trace_of(*subject, scenario, ledger);
  if (trace.observes == 0) return {};
  return {true, text_of(judge(scenario, trace))};
}

// What a child leaves, in memory that its parent sees.
struct Left {
  engine::LedgerData ledger;
  bool is_run;
  char text[most_text];
};

Left& shared_memory() {
  static void* const memory = mmap(nullptr, sizeof(Left), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return *static_cast<Left*>(memory);
}

std::string text_of_end(int status, const engine::Ledger& ledger, unsigned timeout) {
  const unsigned step = ledger.data().threads[0].step();
  std::ostringstream text;
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM)
    text << "took more than " << timeout << " s, in step " << step << "\n";
  else if (WIFSIGNALED(status))
    text << "the process ended by signal " << WTERMSIG(status) << " (" << strsignal(WTERMSIG(status)) << ") in step "
         << step << "\n";
  else
    text << "the process ended with status " << WEXITSTATUS(status) << " in step " << step << "\n";
  return text.str();
}

constexpr int status_of_done = 77;  // that a subject would have to guess

Tried try_in_child(const Described& described, const Scenario& scenario, unsigned timeout) {
  Left& left = shared_memory();
  engine::Ledger ledger(&left.ledger, true);
  left.is_run = false;
  left.text[0] = '\0';
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child < 0) return {true, "no process could be started: " + std::string(std::strerror(errno)) + "\n"};
  if (child == 0) {
    alarm(timeout);
    const Tried tried = try_here(described, scenario, &ledger);
    left.is_run = tried.is_run;
    std::strncpy(left.text, tried.broken.c_str(), most_text - 1);
    _exit(status_of_done);
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
  if (WIFEXITED(status) && WEXITSTATUS(status) == status_of_done) return {left.is_run, left.text};
  return {true, text_of_end(status, ledger, timeout)};
}

}  // namespace

Tried try_scenario(const Described& described, const Scenario& scenario, Isolation isolation) {
  return isolation.is_wanted ? try_in_child(described, scenario, isolation.timeout)
                             : try_here(described, scenario, nullptr);
}

Scenario simplest(const Described& described, Scenario scenario, Isolation isolation) {
  std::size_t tries = 0;
  for (bool is_simpler = true; is_simpler;) {
    is_simpler = false;
    for (Scenario& one : smaller(scenario)) {
      if (++tries > tries_of_simplifying) return scenario;
      if (try_scenario(described, one, isolation).broken.empty()) continue;
      scenario = std::move(one);
      is_simpler = true;
      break;
    }
  }
  return scenario;
}

}  // namespace bufspec::native
