// GoogleTest, and RapidCheck's properties as its tests; the second needs the first to be there.
#pragma once

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

#include "generators.hpp"
