// Runs one fuzz target over stored inputs: files, and folders of files.  Every normal build links each target
// with this main, so that targets keep compiling and what was once found stays mended; it looks for nothing new.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

std::vector<std::filesystem::path> inputs_in(const std::filesystem::path& place) {
  if (!std::filesystem::is_directory(place)) return {place};
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(place))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

bool replay(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    std::fprintf(stderr, "%s: cannot be read\n", file.c_str());
    return false;
  }
  const std::vector<char> bytes{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  // Named before it runs: a broken property ends the process.
  std::fprintf(stderr, "%s\n", file.filename().c_str());
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return true;
}

int replay_all(std::span<char*> places) {
  std::size_t replayed = 0;
  for (const char* place : places) {
    for (const auto& file : inputs_in(place)) {
      if (!replay(file)) return 2;
      ++replayed;
    }
  }
  // An empty or mistyped folder must not look like success.
  if (replayed == 0) {
    std::fprintf(stderr, "usage: replay FILE_OR_FOLDER...  (no input found)\n");
    return 2;
  }
  std::printf("%zu inputs replayed\n", replayed);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return replay_all(std::span{argv, static_cast<std::size_t>(argc)}.subspan(1));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}
