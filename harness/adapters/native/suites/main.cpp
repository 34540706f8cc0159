// bufspec-suites: the cases of the suites, and random scenarios, as GoogleTest's tests over the subjects of shared libraries.
// A case is a test, LIBRARY.SUBJECT.AREA/CASE; it passes if no rule is broken.  What is tried is in suites/conformance/.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <rapidcheck/gtest.h>

#include "generators.hpp"
#include "harness/adapters/native/subjects.hpp"
#include "options.hpp"
#include "suites/conformance/cases.hpp"
#include "test_tables.hpp"
#include "tried.hpp"

namespace bufspec::native {

namespace {

// A case of the lists: made when its test runs.
struct Listed {
  const Described* described;
  std::shared_ptr<const suites::CaseList> cases;
  std::size_t index;
  Isolation isolation;
};

class OfList : public testing::Test {
 public:
  explicit OfList(Listed listed) : listed_(std::move(listed)) {}

 private:
  void TestBody() override {
    const engine::Case one = listed_.cases->make(listed_.index);
    const Tried tried = try_scenario(*listed_.described, one.scenario, listed_.isolation);
    if (!tried.is_run) GTEST_SKIP() << "the subject cannot run this: " << describe(one.scenario);
    EXPECT_TRUE(tried.broken.empty()) << tried.broken << "scenario  " << describe(one.scenario);
  }

  Listed listed_;
};

// Random scenarios; RapidCheck shrinks one that fails, and then each step that is not needed is dropped.
class AtRandom : public testing::Test {
 public:
  AtRandom(const Described& described, suites::CaseOptions options, Isolation isolation)
      : described_(described), options_(std::move(options)), isolation_(isolation) {}

 private:
  void TestBody() override {
    rc::detail::checkGTest([&] {
      const Scenario scenario = drawn();
      const Tried tried = try_scenario(described_, scenario, isolation_);
      if (tried.broken.empty()) return;
      const Scenario least = simplest(described_, scenario, isolation_);
      RC_FAIL("simplest scenario  " + describe(least) + "\n" + try_scenario(described_, least, isolation_).broken);
    });
  }

  [[nodiscard]] Scenario drawn() const {
    if (described_.target == Target::consumer)
      return suites::consumer_at_random(*rc::gen::arbitrary<std::uint64_t>(), *layouts(true), options_.edition);
    if (described_.target == Target::function) {
      const auto choice = *rc::gen::inRange<std::size_t>(0, most_choices);
      const auto scenario = suites::call_on_layout(*layouts(true), choice, options_);
      RC_PRE(scenario.has_value());
      return *scenario;
    }
    std::optional<Layout> layout;
    if (described_.exporter.build != nullptr && *rc::gen::arbitrary<bool>()) layout = *layouts();
    return *sequences(static_cast<int>(described_.exporter.operation_count), layout);
  }

  static constexpr std::size_t most_choices = 1000;  // more than there are calls and ways to make them

  const Described& described_;
  suites::CaseOptions options_;
  Isolation isolation_;
};

suites::CaseOptions case_options(const Described& one, const SuiteOptions& options) {
  return {options.edition, {one.operations(), one.exporter.build != nullptr}, options.seed, "short"};
}

// Whether any scenario of the random ones can be run on it: of a set of functions some must take a memory.
bool has_random_scenarios(const Described& one, const suites::CaseOptions& options) {
  Layout line;
  line.shape[0] = 4;
  line.has_strides = false;
  line.block = 4;
  return one.target != Target::function || suites::call_on_layout(line, 0, options).has_value();
}

engine::CaseList cases_of(const Described& one, const suites::CaseOptions& wanted) {
  if (one.target == Target::consumer) return suites::consumer_cases(tables(), wanted);
  return one.target == Target::function ? suites::runtime_cases(tables(), wanted)
                                        : suites::exporter_cases(tables(), wanted);
}

// What is not observed, and how many rules are skipped for it: a test that passes says nothing of those.
void say_what_is_not_seen(const Described& one, engine::Subject& subject, Edition edition) {
  const unsigned seen = subject.observes();
  unsigned missing = 0;
  std::size_t rules = 0;
  const unsigned whom = one.target == Target::consumer   ? binds::consumer
                        : one.target == Target::function ? binds::runtime
                                                         : binds::exporter;
  for (const JudgedRule& rule : judged_rules) {
    if ((rule.binds & whom) == 0 || !(edition == Edition::current ? rule.in_current : rule.in_2010)) continue;
    if ((rule.observes & ~seen) == 0) continue;
    missing |= rule.observes & ~seen;
    ++rules;
  }
  if (rules == 0) return;
  std::string names;
  for (const std::string& name : observation_names(missing)) names += (names.empty() ? "" : ", ") + name;
  std::printf("%s: cannot observe %s: %zu rules are skipped\n", one.name.c_str(), names.c_str(), rules);
}

void add_test([[maybe_unused]] const std::string& suite, [[maybe_unused]] const std::string& name,
              [[maybe_unused]] const std::function<testing::Test*()>& made) {
#ifndef __clang_analyzer__  // it takes what GoogleTest keeps of a test for a leak
  testing::RegisterTest(suite.c_str(), name.c_str(), nullptr, nullptr, __FILE__, __LINE__, made);
#endif
}

void register_tests(const Described& one, const SuiteOptions& options) {
  const Isolation isolation{options.isolates, options.timeout};
  const suites::CaseOptions wanted = case_options(one, options);
  const auto cases = std::make_shared<const suites::CaseList>(cases_of(one, wanted));
  for (std::size_t index = 0; index < cases->size(); ++index) {
    const std::string id = cases->id(index);
    const std::size_t dot = id.find('.');
    add_test(one.name + "." + id.substr(0, dot), id.substr(dot + 1),
             [=, &one]() -> testing::Test* { return new OfList({&one, cases, index, isolation}); });
  }
  if (has_random_scenarios(one, wanted))
    add_test(one.name + ".random", "scenarios",
             [=, &one]() -> testing::Test* { return new AtRandom(one, wanted, isolation); });
}

// Registers the tests of a library; false, with what is wrong printed, if it cannot be used.
bool use(const std::string& path, const SuiteOptions& options) {
  const Library& library = load(path);
  if (!library.ok()) {
    const Refusal& refusal = library.refusal;
    std::fprintf(stderr, "%s: %s\n  hint: %s\n", refusal.where.c_str(), refusal.what.c_str(), refusal.hint.c_str());
    return false;
  }
  for (const Described& one : library.subjects) {
    const auto subject = subject_of(one);
    if (subject == nullptr) {
      std::printf("%s: is not judged here\n", one.name.c_str());
      continue;
    }
    say_what_is_not_seen(one, *subject, options.edition);
    register_tests(one, options);
  }
  return true;
}

}  // namespace

}  // namespace bufspec::native

int main(int argc, char** argv) {
  const auto options = bufspec::native::take_options(argc, argv);
  if (options.wants_help) {
    std::fputs(bufspec::native::suites_usage, stdout);
    return 0;
  }
  if (!options.problem.empty()) {
    std::fprintf(stderr, "bufspec-suites: %s\n\n%s", options.problem.c_str(), bufspec::native::suites_usage);
    return 2;
  }
  // One seed, so that a failure is met again; RC_PARAMS in the environment has its own.
  setenv("RC_PARAMS", ("seed=" + std::to_string(options.seed)).c_str(), 0);
  if (!bufspec::load_test_tables()) return 2;
  for (const std::string& path : options.libraries)
    if (!bufspec::native::use(path, options)) return 2;
  GTEST_FLAG_SET(brief, true);
  testing::InitGoogleTest(&argc, argv);
  if (argc > 1) {
    std::fprintf(stderr, "bufspec-suites: no option is called %s\n\n%s", argv[1], bufspec::native::suites_usage);
    return 2;
  }
  return RUN_ALL_TESTS();
}
