// The reference's exporter behind the handle of the driver: the object that breaks nothing.
#pragma once

#include <mutex>
#include <optional>

#include "bufspec/exporter.hpp"
#include "bufspec/requests.hpp"
#include "suites/engine/exporter/exported.hpp"

namespace bufspec::engine {

class ReferenceExported final : public Exported {
 public:
  // `own` is the layout of ready-made objects; without it there are none.  `runtime` is the interpreter that it answers as.
  ReferenceExported(std::optional<Layout> own, std::uint32_t runtime) : own_(std::move(own)), runtime_(runtime) {}

  // The edition by which it answers from now on.
  void answer_by(Edition edition) noexcept { edition_ = edition; }

  [[nodiscard]] unsigned observes() const noexcept override;
  [[nodiscard]] std::uint32_t runtime() const noexcept override { return runtime_; }
  [[nodiscard]] std::span<const Allocator> allocators() const noexcept override;

  [[nodiscard]] bool make(const Layout* layout) override;
  [[nodiscard]] bool makes_another(bool) override { return true; }
  [[nodiscard]] bool make_twin() override;
  [[nodiscard]] bool use_another(const Layout* layout, std::size_t number) override;
  [[nodiscard]] std::optional<std::string_view> expected() const noexcept override { return elements_; }

  [[nodiscard]] std::optional<int> ask(Buffer& view, int flags, Route route) override;
  void release(Buffer& view) override;
  [[nodiscard]] Raised exception() override;
  void forget_exception() noexcept override { error_ = Error::none; }
  [[nodiscard]] bool raise() override;
  [[nodiscard]] bool takes_back() override;
  [[nodiscard]] std::optional<long> references() const noexcept override { return exporter_.references(); }
  [[nodiscard]] Owner owner(const void* obj) const noexcept override;

  // Its one operation is to grow by an item, which its exports forbid.
  [[nodiscard]] std::size_t operation_count() const noexcept override { return 1; }
  [[nodiscard]] std::string operation_name(std::size_t /*number*/) const override { return "resize"; }
  [[nodiscard]] Raised operate(std::size_t number, Which which) override;

  // Nobody else holds it, and it has no collector: nothing to do.
  void drop() override {}
  void collect() override {}
  void re_enter(const std::function<void()>& inside) override { inside(); }

  // Its counts are plain numbers, so its threads take turns.
  void in_thread(const std::function<void()>& work) override;
  void while_others_run(const std::function<void()>& wait) override;

  [[nodiscard]] const Exporter& exporter() const noexcept { return exporter_; }

 private:
  std::optional<Layout> own_;
  std::uint32_t runtime_;
  Edition edition_ = Edition::current;
  Exporter exporter_;
  Exporter twin_;
  Layout built_;
  std::string elements_;
  Error error_ = Error::none;
  std::mutex turn_;
};

}  // namespace bufspec::engine
