// So that the library can be loaded where no campaign offers the callback; one that does comes first.  Not instrumented.
// NOLINTNEXTLINE(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" [[gnu::weak, gnu::visibility("default")]] void __sanitizer_cov_trace_pc() {}
