// Which options of libFuzzer has a target by default whose inputs take less than a microsecond?  To weigh which stored input to
// change by how rare its edges are, and to count how often each edge was taken, takes longer than to try the next input.
// What the command line says holds.
#include <vector>

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  static char plain_choice[] = "-entropic=0";
  static char edges_alone[] = "-use_counters=0";
  static std::vector<char*> words;
  words.assign(*argv, *argv + *argc);
  words.insert(words.begin() + (words.empty() ? 0 : 1), {plain_choice, edges_alone});
  words.push_back(nullptr);
  *argc = static_cast<int>(words.size()) - 1;
  *argv = words.data();
  return 0;
}
