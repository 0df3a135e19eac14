// How many backward Euler steps a substrate takes in a tick. After a change (a source switched on or off) the field
// follows exp(-rate t); n steps a tick follow (1 + rate tick / n)^(-n t / tick). The difference, as a share of the
// change, is what the number of steps must keep below `tolerance` at the end of every tick. Neither slow fields (the
// change in a tick is small) nor fast ones (they have arrived whatever the path) need more than one step; those
// between, whose memory is a few ticks or less, do. At a tick of 6 min and a tolerance of 3 %: oxygen at 10 /min takes
// 1, ligands of 0.02, 0.03, 0.05 and 0.1 /min take 1, 2, 2 and 4, and the worst rate (0.46 /min) takes 9; at 10 % none
// of these takes more than one. Backward Euler, not a higher order: nothing may turn negative (TR-BDF2 reached minus
// three times the maximum when a source stopped).
#pragma once

namespace stellate::fields {

// The largest share of a change by which `steps` steps a tick differ from the exact relaxation at the end of any tick.
double relaxation_error(double rate_per_min, double tick_min, int steps);

// The smallest number of steps with relaxation_error <= tolerance. `rate_per_min` is the slowest rate at which the
// field forgets: decay plus the least sink; diffusion only adds to it.
int subticks(double rate_per_min, double tick_min, double tolerance);

}  // namespace stellate::fields
