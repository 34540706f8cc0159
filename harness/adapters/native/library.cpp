#include "library.hpp"

#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <optional>
#include <string_view>

#include "described.hpp"
#include "functions.hpp"

namespace bufspec::native {

namespace {

constexpr const char* how_to_export =
    "BUFSPEC_SUBJECTS(mine, BUFSPEC_EXPORTER(matrix, &matrix)) in one file of the library defines it: see "
    "bufspec_subject.h";

Library refused(std::string where, std::string what, std::string hint) {
  return {{}, {std::move(where), std::move(what), std::move(hint)}};
}

Library read(const std::string& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed))
    return refused(path, "no such file", "name a shared library: ./libmine.so");
  if (!std::filesystem::is_regular_file(path, failed))
    return refused(path, "is no file", "name a shared library: ./libmine.so");
  // A path without a slash would be looked for in other folders.
  void* const loaded = dlopen(std::filesystem::absolute(path, failed).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) {
    std::string reason = dlerror();
    const std::string before = std::filesystem::absolute(path, failed).string() + ": ";
    if (reason.starts_with(before)) reason.erase(0, before.size());
    return refused(path, "cannot be loaded: " + reason,
                   "it must be a shared library for this machine: cc -shared -fPIC");
  }
  void* const symbol = dlsym(loaded, BUFSPEC_SYMBOL);
  if (symbol == nullptr) return refused(path, "has no symbol " BUFSPEC_SYMBOL, how_to_export);
  if (!is_code(symbol)) return refused(path, "its symbol " BUFSPEC_SYMBOL " is no function", how_to_export);
  const bufspec_table* (*subjects)() = nullptr;
  std::memcpy(&subjects, &symbol, sizeof subjects);
  Library library;
  library.refusal = described_in(subjects(), library.subjects);
  if (!library.ok()) library.refusal.where = path + (library.refusal.where.empty() ? "" : ": " + library.refusal.where);
  return library;
}

}  // namespace

std::vector<std::string> Described::operations() const {
  if (target == Target::function) return NativeFunctions::offered(functions);
  std::vector<std::string> names;
  names.reserve(exporter.operation_count);
  for (std::size_t i = 0; i < exporter.operation_count; ++i) names.emplace_back(exporter.operations[i].name);
  return names;
}

const Library& load(const std::string& path) {
  static auto& loaded = *new std::map<std::string, Library>;
  const auto found = loaded.find(path);
  if (found != loaded.end() && found->second.ok()) return found->second;
  return loaded.insert_or_assign(path, read(path)).first->second;
}

const Described* Library::find(const std::string& name) const noexcept {
  const auto found =
      std::find_if(subjects.begin(), subjects.end(), [&](const Described& one) { return one.name == name; });
  return found == subjects.end() ? nullptr : &*found;
}

}  // namespace bufspec::native
