// Loads the tables once, and runs the tests.
#include <gtest/gtest.h>

#include "test_tables.hpp"

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  return bufspec::load_test_tables() ? RUN_ALL_TESTS() : 2;
}
