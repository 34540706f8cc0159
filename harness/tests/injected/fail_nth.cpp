// What does the engine do when an allocation or a system call fails?  Preloaded, this makes the nth call of one kind fail that the
// engine makes, and no call of anybody else.  sweep.py drives it through the four functions below.
#include <dlfcn.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>

namespace {

enum class Kind : int { none, new_, malloc, mmap, mprotect, truncate, write, open, thread };

struct Range {
  std::uintptr_t begin = 0;
  std::uintptr_t end = 0;
};
Range engine;
Range library;  // the C++ library, which allocates for the engine: strings, threads
std::atomic<Kind> failing = Kind::none;
std::atomic<long> nth = 0;
std::atomic<long> seen = 0;
std::atomic<long> live = 0;

bool is_in(const Range& range, const void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  return range.begin <= at && at < range.end;
}

bool fails(Kind kind, const void* caller, bool counts_library = false) {
  if (failing.load(std::memory_order_relaxed) != kind) return false;
  if (!is_in(engine, caller) && !(counts_library && is_in(library, caller))) return false;
  return seen.fetch_add(1) + 1 == nth.load();
}

template <typename Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

int look(dl_phdr_info* info, std::size_t, void*) {
  Range* range = nullptr;
  if (std::strstr(info->dlpi_name, "/_engine.") != nullptr) range = &engine;
  if (std::strstr(info->dlpi_name, "/libstdc++.so") != nullptr) range = &library;
  if (range == nullptr) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const auto& part = info->dlpi_phdr[i];
    if (part.p_type != PT_LOAD) continue;
    const auto begin = info->dlpi_addr + part.p_vaddr;
    if (range->begin == 0) range->begin = begin;
    range->end = begin + part.p_memsz;
  }
  return 0;
}

void* allocate(std::size_t size, const void* caller) {
  if (fails(Kind::new_, caller, true)) return nullptr;
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block != nullptr) ++live;
  return block;
}

void* allocate_aligned(std::size_t size, std::align_val_t alignment, const void* caller) {
  if (fails(Kind::new_, caller, true)) return nullptr;
  const auto step = static_cast<std::size_t>(alignment);
  void* block = std::aligned_alloc(step, (size + step - 1) / step * step);
  if (block != nullptr) ++live;
  return block;
}

void give_up(void* block) {
  if (block != nullptr) --live;
  std::free(block);
}

}  // namespace

#define CALLER __builtin_return_address(0)

extern "C" {

void fail_nth(int kind, long n) {
  if (engine.begin == 0) dl_iterate_phdr(look, nullptr);
  seen = 0;
  nth = n;
  failing = static_cast<Kind>(kind);
}
long calls_seen() { return seen; }
long blocks_live() { return live; }

extern void* __libc_malloc(std::size_t);
extern void* __libc_calloc(std::size_t, std::size_t);
extern void* __libc_realloc(void*, std::size_t);

void* malloc(std::size_t size) {
  if (fails(Kind::malloc, CALLER)) return errno = ENOMEM, nullptr;
  return __libc_malloc(size);
}
void* calloc(std::size_t count, std::size_t size) {
  if (fails(Kind::malloc, CALLER)) return errno = ENOMEM, nullptr;
  return __libc_calloc(count, size);
}
void* realloc(void* block, std::size_t size) {
  if (fails(Kind::malloc, CALLER)) return errno = ENOMEM, nullptr;
  return __libc_realloc(block, size);
}
void* mmap(void* at, std::size_t size, int protection, int flags, int file, off_t offset) {
  static auto* real = next<decltype(mmap)>("mmap");
  if (fails(Kind::mmap, CALLER)) return errno = ENOMEM, MAP_FAILED;
  return real(at, size, protection, flags, file, offset);
}
int mprotect(void* at, std::size_t size, int protection) {
  static auto* real = next<decltype(mprotect)>("mprotect");
  if (fails(Kind::mprotect, CALLER)) return errno = ENOMEM, -1;
  return real(at, size, protection);
}
int ftruncate(int file, off_t size) noexcept {
  static auto* real = next<int(int, off_t)>("ftruncate");
  if (fails(Kind::truncate, CALLER)) return errno = ENOSPC, -1;
  return real(file, size);
}
int posix_fallocate(int file, off_t offset, off_t size) {
  static auto* real = next<int(int, off_t, off_t)>("posix_fallocate");
  if (fails(Kind::truncate, CALLER)) return ENOSPC;
  return real(file, offset, size);
}
ssize_t write(int file, const void* bytes, std::size_t size) {
  static auto* real = next<ssize_t(int, const void*, std::size_t)>("write");
  if (fails(Kind::write, CALLER)) return errno = ENOSPC, -1;
  return real(file, bytes, size);
}
ssize_t pwrite(int file, const void* bytes, std::size_t size, off_t at) {
  static auto* real = next<ssize_t(int, const void*, std::size_t, off_t)>("pwrite");
  if (fails(Kind::write, CALLER)) return errno = ENOSPC, -1;
  return real(file, bytes, size, at);
}
int open(const char* path, int flags, ...) {
  static auto* real = next<int(const char*, int, ...)>("open");
  std::va_list more;
  va_start(more, flags);
  const int mode = va_arg(more, int);
  va_end(more);
  if (fails(Kind::open, CALLER)) return errno = EMFILE, -1;
  return real(path, flags, mode);
}
int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* with) noexcept {
  static auto* real = next<int(pthread_t*, const pthread_attr_t*, void* (*)(void*), void*)>("pthread_create");
  if (fails(Kind::thread, CALLER, true)) return EAGAIN;
  return real(thread, attributes, run, with);
}
}

void* operator new(std::size_t size) {
  void* block = allocate(size, CALLER);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new[](std::size_t size) {
  void* block = allocate(size, CALLER);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  void* block = allocate_aligned(size, alignment, CALLER);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, CALLER); }
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept { return allocate(size, CALLER); }
void operator delete(void* block) noexcept { give_up(block); }
void operator delete[](void* block) noexcept { give_up(block); }
void operator delete(void* block, std::size_t) noexcept { give_up(block); }
void operator delete[](void* block, std::size_t) noexcept { give_up(block); }
void operator delete(void* block, std::align_val_t) noexcept { give_up(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { give_up(block); }
void operator delete(void* block, const std::nothrow_t&) noexcept { give_up(block); }
