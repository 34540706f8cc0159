#include "loaded_calls.hpp"

#if defined(BUFSPEC_CAN_LEAD_CALLS)

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "sanitizer_calls.hpp"

namespace bufspec::engine {

namespace {

#if defined(__x86_64__)
constexpr std::uint32_t call_slot = R_X86_64_JUMP_SLOT;
constexpr std::uint32_t address_slot = R_X86_64_GLOB_DAT;
#else
constexpr std::uint32_t call_slot = R_AARCH64_JUMP_SLOT;
constexpr std::uint32_t address_slot = R_AARCH64_GLOB_DAT;
#endif

struct Led {
  std::string_view name;
  std::uintptr_t real;      // in the C library
  std::uintptr_t resolved;  // what a program that takes the address gets: it may be a stub of the program's own
  std::uintptr_t ours;
};

struct Search {
  std::array<Led, 4> led;
  unsigned long long seen_before = 0;  // libraries loaded, ever
  unsigned long long seen_now = 0;
};

template <typename Function>
std::uintptr_t address_of(Function* function) noexcept {
  return reinterpret_cast<std::uintptr_t>(function);
}

// One library's table of what it calls.
struct Library {
  std::uintptr_t base = 0;
  std::uintptr_t end = 0;
  std::uintptr_t protected_from = 0;  // written by the loader alone, and read-only since
  std::size_t protected_size = 0;
  const ElfW(Sym) * symbols = nullptr;
  const char* names = nullptr;
  std::array<const ElfW(Rela)*, 2> slots{};
  std::array<std::size_t, 2> slot_bytes{};

  [[nodiscard]] bool has(std::uintptr_t address) const noexcept { return address >= base && address < end; }
};

Library library_from(const dl_phdr_info& about) noexcept {
  Library library;
  library.base = about.dlpi_addr;
  const ElfW(Dyn)* dynamic = nullptr;
  for (int i = 0; i < about.dlpi_phnum; ++i) {
    const auto& header = about.dlpi_phdr[i];
    const std::uintptr_t from = about.dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_DYNAMIC) dynamic = reinterpret_cast<const ElfW(Dyn)*>(from);
    if (header.p_type == PT_LOAD && from + header.p_memsz > library.end) library.end = from + header.p_memsz;
    if (header.p_type == PT_GNU_RELRO) {
      library.protected_from = from;
      library.protected_size = header.p_memsz;
    }
  }
  // The loader has made these addresses absolute, but not those of what the kernel itself brought.
  const auto absolute = [&](std::uintptr_t address) {
    return address < library.base ? address + library.base : address;
  };
  for (; dynamic != nullptr && dynamic->d_tag != DT_NULL; ++dynamic) {
    const std::uintptr_t at = absolute(dynamic->d_un.d_ptr);
    switch (dynamic->d_tag) {
      case DT_SYMTAB:
        library.symbols = reinterpret_cast<const ElfW(Sym)*>(at);
        break;
      case DT_STRTAB:
        library.names = reinterpret_cast<const char*>(at);
        break;
      case DT_JMPREL:
        library.slots[0] = reinterpret_cast<const ElfW(Rela)*>(at);
        break;
      case DT_PLTRELSZ:
        library.slot_bytes[0] = dynamic->d_un.d_val;
        break;
      case DT_RELA:
        library.slots[1] = reinterpret_cast<const ElfW(Rela)*>(at);
        break;
      case DT_RELASZ:
        library.slot_bytes[1] = dynamic->d_un.d_val;
        break;
      default:
        break;
    }
  }
  return library;
}

// What stands in `slot` becomes ours if it is what we know, or the stub of a call that was not made yet.
void lead_slot(const Library& library, const ElfW(Rela) & slot, const Search& search) noexcept {
  const auto kind = static_cast<std::uint32_t>(ELF64_R_TYPE(slot.r_info));
  if (kind != call_slot && kind != address_slot) return;
  const ElfW(Sym)& symbol = library.symbols[ELF64_R_SYM(slot.r_info)];
  const std::string_view name(library.names + symbol.st_name);
  for (const Led& led : search.led) {
    if (led.name != name) continue;
    auto* place = reinterpret_cast<std::uintptr_t*>(library.base + slot.r_offset);
    const bool is_stub = kind == call_slot && symbol.st_shndx == SHN_UNDEF && library.has(*place);
    if (*place == led.real || *place == led.resolved || is_stub) __atomic_store_n(place, led.ours, __ATOMIC_RELAXED);
  }
}

void lead_library(const Library& library, const Search& search) noexcept {
  if (library.symbols == nullptr || library.names == nullptr) return;
  if (library.has(search.led[0].real)) return;  // the C library calls itself
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t from = library.protected_from / page * page;
  const std::uintptr_t to = (library.protected_from + library.protected_size) / page * page;
  const bool is_protected = to > from;
  if (is_protected && mprotect(reinterpret_cast<void*>(from), to - from, PROT_READ | PROT_WRITE) != 0) return;
  for (std::size_t n = 0; n < library.slots.size(); ++n) {
    if (library.slots[n] == nullptr) continue;
    const std::size_t count = library.slot_bytes[n] / sizeof(ElfW(Rela));
    for (std::size_t i = 0; i < count; ++i) lead_slot(library, library.slots[n][i], search);
  }
  if (is_protected) mprotect(reinterpret_cast<void*>(from), to - from, PROT_READ);
}

int on_library(dl_phdr_info* about, std::size_t, void* argument) noexcept {
  auto& search = *static_cast<Search*>(argument);
  search.seen_now = about->dlpi_adds;
  if (search.seen_now == search.seen_before) return 1;
  const std::string_view name(about->dlpi_name == nullptr ? "" : about->dlpi_name);
  if (name.find("linux-vdso") == std::string_view::npos) lead_library(library_from(*about), search);
  return 0;
}

template <typename Function>
bool find_call(void* c_library, const char* name, Function*& function) noexcept {
  function = reinterpret_cast<Function*>(dlsym(c_library, name));
  return function != nullptr;
}

}  // namespace

bool find_real_calls(RealCalls& real) noexcept {
  if (__sanitizer_get_current_allocated_bytes != nullptr) return false;
  void* c_library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  if (c_library == nullptr) return false;
  if (!find_call(c_library, "free", real.free) || !find_call(c_library, "realloc", real.realloc) ||
      !find_call(c_library, "munmap", real.munmap) || !find_call(c_library, "mremap", real.mremap) ||
      !find_call(c_library, "malloc_usable_size", real.usable_size))
    return false;
  // A process with an allocator of another library keeps it: its blocks are not those of the C library.
  Dl_info about{};
  const ElfW(Sym)* symbol = nullptr;
  void* resolved = dlsym(RTLD_DEFAULT, "free");
  if (address_of(real.free) == reinterpret_cast<std::uintptr_t>(resolved)) return true;
  if (dladdr1(resolved, &about, reinterpret_cast<void**>(const_cast<ElfW(Sym)**>(&symbol)), RTLD_DL_SYMENT) == 0)
    return false;
  return symbol == nullptr || symbol->st_shndx == SHN_UNDEF;
}

void lead_calls(const RealCalls& real, const RealCalls& ours) noexcept {
  static unsigned long long seen = 0;
  const auto resolved = [](const char* name) { return reinterpret_cast<std::uintptr_t>(dlsym(RTLD_DEFAULT, name)); };
  static const std::array found{resolved("free"), resolved("realloc"), resolved("munmap"), resolved("mremap")};
  Search search;
  search.led = {{{"free", address_of(real.free), found[0], address_of(ours.free)},
                 {"realloc", address_of(real.realloc), found[1], address_of(ours.realloc)},
                 {"munmap", address_of(real.munmap), found[2], address_of(ours.munmap)},
                 {"mremap", address_of(real.mremap), found[3], address_of(ours.mremap)}}};
  search.seen_before = seen;
  dl_iterate_phdr(on_library, &search);
  seen = search.seen_now;
}

}  // namespace bufspec::engine

#endif
