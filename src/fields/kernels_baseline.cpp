// The multigrid's inner loops for the instruction set that the build asks for.
#include "fields/kernels.hpp"

#define STELLATE_KERNELS baseline
#include "fields/kernels_table.inl"
