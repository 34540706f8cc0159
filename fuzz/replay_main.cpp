// Runs one fuzz target over stored inputs, files and folders of files, and with --mutations N over N inputs that the mutator
// of its form makes of them.  Every normal build links each target with this main, so that targets and mutators keep
// compiling, and what was once found stays fixed.
#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include "mutators/mutator.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using bufspec::fuzz::Bytes;

constexpr std::size_t longest_mutated = 2048;
constexpr std::uint64_t seed = 20100928;

std::vector<std::filesystem::path> inputs_in(const std::filesystem::path& place) {
  if (!std::filesystem::is_directory(place)) return {place};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(place))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

Bytes read(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw std::runtime_error(file.string() + ": cannot be read");
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  return {bytes.begin(), bytes.end()};
}

void run(const Bytes& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

// Each begins from a stored input, or from the one before, and is kept until the next: one that breaks is there afterwards.
void run_mutated(const std::vector<Bytes>& stored, std::size_t mutations, const std::string& kept) {
  bufspec::fuzz::Random random(seed);
  Bytes input;
  for (std::size_t n = 0; n < mutations; ++n) {
    if (n % 8 == 0) input = stored[random.below(stored.size())];
    if (random.one_in(16)) bufspec::fuzz::cross(input, stored[random.below(stored.size())], random);
    bufspec::fuzz::mutate(input, random);
    input.resize(std::min(input.size(), longest_mutated));
    std::ofstream(kept, std::ios::binary)
        .write(reinterpret_cast<const char*>(input.data()), static_cast<std::streamsize>(input.size()));
    run(input);
  }
}

int usage() {
  std::fprintf(stderr, "usage: replay FILE_OR_FOLDER... [--mutations N]  (no input found)\n");
  return 2;
}

int replay_all(int argc, char** argv) {
  std::vector<Bytes> stored;
  std::size_t mutations = 0;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--mutations") == 0) {
      const char* const text = ++i < argc ? argv[i] : "";
      if (std::from_chars(text, text + std::strlen(text), mutations).ec != std::errc{}) return usage();
      continue;
    }
    for (const auto& file : inputs_in(argv[i])) {
      stored.push_back(read(file));
      // Named before it runs: a broken property ends the process.
      std::fprintf(stderr, "%s\n", file.filename().c_str());
      run(stored.back());
    }
  }
  // An empty or mistyped folder must not look like success.
  if (stored.empty()) return usage();
  run_mutated(stored, mutations, std::filesystem::path(argv[0]).filename().string() + ".last_mutated");
  std::printf("%zu inputs replayed, %zu mutated\n", stored.size(), mutations);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return replay_all(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
