// How are threads started and waited for, so that nothing that one throws, and no limit of the system, ends the process?
#pragma once

#include <atomic>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

namespace bufspec::engine {

// Threads that work at the same time; they are waited for in any case.
class Threads {
 public:
  explicit Threads(int most) { threads_.reserve(static_cast<std::size_t>(most)); }
  ~Threads() { wait(); }
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

  // Whether the system gave one more thread.
  template <typename Work>
  [[nodiscard]] bool start(Work work) {
    try {
      threads_.emplace_back([this, work = std::move(work)] {
        try {
          work();
        } catch (...) {
          if (!has_thrown_.exchange(true)) thrown_ = std::current_exception();
        }
      });
    } catch (const std::system_error&) {
      return false;
    }
    return true;
  }
  [[nodiscard]] int count() const noexcept { return static_cast<int>(threads_.size()); }

  // Waits for all of them, and throws the first exception that one of them threw.
  void join() {
    wait();
    if (thrown_ != nullptr) std::rethrow_exception(std::exchange(thrown_, nullptr));
  }

 private:
  void wait() noexcept {
    for (std::thread& thread : threads_)
      if (thread.joinable()) thread.join();
  }

  std::vector<std::thread> threads_;
  std::atomic<bool> has_thrown_ = false;
  std::exception_ptr thrown_;
};

}  // namespace bufspec::engine
