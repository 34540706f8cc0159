// An exporter of a shared library behind the handle of the driver: each call of the handle is one of the struct
// bufspec_exporter, and what that leaves NULL is not observed.
#pragma once

#include <mutex>
#include <string>

#include "bufspec/exporter.hpp"
#include "library.hpp"
#include "suites/engine/exporter/exported.hpp"

namespace bufspec::native {

class NativeExported final : public engine::Exported {
 public:
  // `described` outlives it.
  explicit NativeExported(const Described& described) noexcept : calls_(described.exporter) {}
  ~NativeExported() override { let_go(); }

  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] std::uint32_t runtime() const noexcept override;
  [[nodiscard]] std::span<const engine::Allocator> allocators() const noexcept override;

  [[nodiscard]] bool make(const Layout* layout) override;
  [[nodiscard]] bool makes_another(bool is_large) override;
  [[nodiscard]] bool make_twin() override;
  [[nodiscard]] bool use_another(const Layout* layout, std::size_t number) override;
  [[nodiscard]] bool has_failed() const noexcept override { return has_failed_; }
  [[nodiscard]] std::optional<std::string_view> expected() const noexcept override;
  [[nodiscard]] bool is_declared_readonly() const noexcept override { return has(BUFSPEC_IS_READONLY); }

  [[nodiscard]] std::optional<int> ask(Buffer& view, int flags, engine::Route route) override;
  void release(Buffer& view) override;
  [[nodiscard]] engine::Raised exception() override;
  void forget_exception() noexcept override;
  [[nodiscard]] bool raise() override;
  [[nodiscard]] bool takes_back() override;
  [[nodiscard]] std::optional<long> references() const noexcept override;
  [[nodiscard]] Owner owner(const void* obj) const noexcept override;

  [[nodiscard]] std::size_t operation_count() const noexcept override { return calls_.operation_count; }
  [[nodiscard]] std::string operation_name(std::size_t number) const override { return calls_.operations[number].name; }
  [[nodiscard]] engine::Raised operate(std::size_t number, engine::Which which) override;

  void drop() override;
  void collect() override;
  void re_enter(const std::function<void()>& inside) override;

  // Threads take turns, as they do where an interpreter has one lock, unless the subject is free-threaded.
  void in_thread(const std::function<void()>& work) override;
  void while_others_run(const std::function<void()>& wait) override;

  [[nodiscard]] const bufspec_exporter& calls() const noexcept { return calls_; }
  // The object that is asked; null where there is none.
  [[nodiscard]] void* object() const noexcept { return object_; }

 private:
  [[nodiscard]] bool has(std::uint32_t flag) const noexcept { return (calls_.flags & flag) != 0; }
  [[nodiscard]] void* made();
  [[nodiscard]] void* built(const Layout& layout, Exporter& memory, std::string& elements);
  void let_go();

  const bufspec_exporter& calls_;
  void* object_ = nullptr;
  void* twin_ = nullptr;
  const void* asked_ = nullptr;  // the object, also when it was dropped: for comparing, not for use
  bool has_failed_ = false;
  bool is_built_ = false;
  Layout layout_;  // what a built object was built from
  Exporter memory_;  // which says how the bytes of a layout lie
  std::string elements_;
  std::mutex turn_;
};

}  // namespace bufspec::native
