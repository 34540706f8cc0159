// Which options of libFuzzer does a target begin with whose inputs take less than a microsecond?  Where to try the next input
// takes less than to weigh which to change, the line of the target says so.  What the command line says holds.
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  static std::vector<std::string> options;
  static std::vector<char*> words;
  std::istringstream text(BUFSPEC_FUZZ_OPTIONS);
  for (std::string option; text >> option;) options.push_back(option);
  words.assign(*argv, *argv + *argc);
  std::vector<char*> own;
  for (std::string& option : options) own.push_back(option.data());
  words.insert(words.begin() + (words.empty() ? 0 : 1), own.begin(), own.end());
  words.push_back(nullptr);
  *argc = static_cast<int>(words.size()) - 1;
  *argv = words.data();
  return 0;
}
