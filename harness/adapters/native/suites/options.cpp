#include "options.hpp"

#include <charconv>
#include <cstring>
#include <string_view>

namespace bufspec::native {

const char* const suites_usage =
    "usage: bufspec-suites --subject LIBRARY.so [option...] [--gtest_...]\n"
    "\n"
    "Judges the subjects that a shared library describes by bufspec_subject.h: a test for each case, and random\n"
    "scenarios that shrink.\n"
    "\n"
    "  --subject LIBRARY.so   the library; may be given several times\n"
    "  --isolate              run each case in a process of its own, so that a crash or a hang fails that case alone\n"
    "  --timeout SECONDS      what one isolated case may take; 0: any time (default: 10)\n"
    "  --edition 2010         the rules of the founding document (default: current)\n"
    "  --seed N               of the random cases (default: 3118)\n"
    "\n"
    "  bufspec-suites --subject ./libmine.so\n"
    "  bufspec-suites --subject ./libmine.so --isolate --gtest_filter='mine.matrix.request.*'\n"
    "  bufspec-suites --subject ./libmine.so --gtest_output=xml:report.xml\n"
    "\n"
    "Filters, shards, repeats and reports are GoogleTest's: bufspec-suites --subject LIBRARY.so --gtest_help.  The\n"
    "tables come from the folder of the sources, or from that which BUFSPEC_SPEC_DIR names.\n"
    "Exit code: 0 no rule is broken, 1 one is, 2 wrong usage.\n";

namespace {

template <typename Number>
bool number_from(std::string_view text, Number& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

SuiteOptions take_options(int& argc, char** argv) {
  SuiteOptions options;
  int kept = 1;
  for (int i = 1; i < argc; ++i) {
    std::string_view word = argv[i];
    if (word == "--isolate") {
      options.isolates = true;
      continue;
    }
    if (word == "--help" || word == "-h") {
      options.wants_help = true;
      continue;
    }
    const auto name = word.substr(0, word.find('='));
    if (name != "--subject" && name != "--edition" && name != "--seed" && name != "--timeout") {
      argv[kept++] = argv[i];
      continue;
    }
    std::string_view value;
    if (name.size() < word.size()) {
      value = word.substr(name.size() + 1);
    } else if (i + 1 < argc) {
      value = argv[++i];
    }
    bool is_right = !value.empty();
    if (name == "--subject") options.libraries.emplace_back(value);
    if (name == "--edition") {
      is_right = value == "2010" || value == "current";
      options.edition = value == "2010" ? Edition::founding_2010 : Edition::current;
    }
    if (name == "--seed") is_right = number_from(value, options.seed);
    if (name == "--timeout") is_right = number_from(value, options.timeout);
    if (!is_right && options.problem.empty())
      options.problem = std::string(name) + " does not take '" + std::string(value) + "'";
  }
  argc = kept;
  argv[argc] = nullptr;
  if (options.libraries.empty() && options.problem.empty())
    options.problem = "no library is named: --subject LIBRARY.so";
  return options;
}

}  // namespace bufspec::native
