// What a run will take. Cells and voxels are counted in the anatomy of the first mouse; memory and time come from
// constants measured on the reference machine (docs/performance.md), so they are a guide and not a promise.
#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

#include "histology/block.hpp"
#include "laboratory/cohort.hpp"

namespace stellate::laboratory {

namespace {

// Per voxel of brick in memory: deviation, emission and healthy level of each substrate; matrix, sinusoid, healthy
// rest.
double bytes_per_voxel(const Model& model) { return 12.0 * double(model.substrates.size()) + 4.0 * (4 + 1 + 7) + 4; }

constexpr double program_bytes = 20e6;      // before any mouse
constexpr std::int64_t most_counted = 200;  // bricks whose cells are counted

// Of the picture of a whole section, 2 um each but for small sections.
double overview_pixels(double width_um, double height_um) {
    const double pixel_um = std::min(2.0, width_um / 800);
    return width_um / pixel_um * height_um / pixel_um;
}

// Of tissues of many bricks some stand for all, spread by multiples of three irrational numbers; the lattice of the
// whole tissue is never made.
template <class Shape>
std::uint64_t count_healthy(const Experiment& e, const Animal& animal) {
    const World<Shape> one(animal.model, animal.anatomy, animal.seed, {1, 1, 1}, {}, {}, true);
    const Extent all = e.extent();
    const std::int64_t bricks = std::int64_t(all.nx) * all.ny * all.nz, counted = std::min(bricks, most_counted);
    std::uint64_t cells = 0;
    for (std::int64_t n = 0; n < counted; ++n) {
        const auto along = [n](int count, double step) {
            const double share = double(n) * step;
            return std::int32_t((share - std::floor(share)) * count);
        };
        Brick<Shape> brick;
        brick.at = counted == bricks ? BrickCoord{std::int32_t(n % all.nx), std::int32_t(n / all.nx % all.ny),
                                                  std::int32_t(n / all.nx / all.ny)}
                                     : BrickCoord{along(all.nx, 0.8191725133961645), along(all.ny, 0.6710436067037893),
                                                  along(all.nz, 0.5497004779019703)};
        one.anatomy.fill(brick);
        cells += brick.cells.size();
    }
    return static_cast<std::uint64_t>(double(cells) * double(bricks) / double(counted));
}

// Days of an arm's run that are stepped for it alone at most: an arm that shares its life with one before it leaves
// when its drug first kills, which is not before the drug is given.
double own_days(const Experiment& e, const Primary& primary, const Arm& arm, bool first_of_group) {
    const double days = e.days_of(primary);
    if (first_of_group) return days;
    double begins = days;
    for (const Treatment& t : arm.treatments)
        if (t.carriers) begins = std::min(begins, std::max(0.0, t.start_min / 1440));
    return days - begins;
}

}  // namespace

Estimate estimate(const Experiment& e, int threads) {
    Experiment plain = e;
    plain.ensemble.reset();
    const Animal animal =
        make_animal(ModelFiles(e), plain, e.primaries.front(), e.arms.front(), e.mouse_numbers().front());
    Estimate result;
    const Extent all = e.extent();
    const bool flat = e.geometry == Geometry::section;
    result.voxels = std::uint64_t(all.nx) * std::uint64_t(all.ny) * std::uint64_t(all.nz) *
                    std::uint64_t(flat ? voxels_per_brick<SectionShape> : voxels_per_brick<BlockShape>);
    result.healthy_cells = flat ? count_healthy<SectionShape>(e, animal) : count_healthy<BlockShape>(e, animal);
    result.runs = static_cast<int>(e.primaries.size() * e.arms.size() * e.mouse_numbers().size());

    // Tissue that tumour fills holds about twice the cells; everything may be in memory at the end, and solver and
    // neighbourhood scratch take about as much again.
    const double one_run = 2 * (double(result.voxels) * bytes_per_voxel(*animal.model) +
                                2.0 * double(result.healthy_cells) * bytes_per_cell);
    // Sections kept until it is known which mouse is shown, of the mice of one primary.
    const int layers = flat ? 1 : all.nz * BlockShape::nz;
    const double section = 16.0 * double(result.voxels) / layers + 35 * 2.0 * double(result.healthy_cells) / layers;
    const double days = double(e.endpoint_days_of(e.primaries.front()).size());
    const double sections = days * double(e.arms.size()) * double(e.mouse_numbers().size()) * section;
    const std::vector<std::vector<int>> groups = sharing_arms(e);
    std::size_t widest = 0;
    for (const auto& group : groups) widest = std::max(widest, group.size());
    // Arms that share keep copies of the state: one while they do, one each that waits for its turn.
    const double copies = widest > 1 ? double(widest) / 2 : 0;
    const double point_um = flat ? animal.endpoints.pixel_um : histology::block_raster_um;
    const double reading = bytes_per_raster_point * double(result.voxels) * std::pow(voxel_um / point_um, flat ? 2 : 3);
    const double living = std::min(threads, result.runs) * ((1 + copies) * one_run + reading) + sections;
    // When all have lived, the sections of one mouse a primary are painted, one stain a thread at a time.
    int shown = 0;
    for (const Primary& p : e.primaries) shown += int(e.arms.size() * e.endpoint_days_of(p).size());
    const double edge = double(voxel_um) * (flat ? SectionShape::nx : BlockShape::nx);
    const double pixels = overview_pixels(all.nx * edge, all.ny * edge);
    const double painting = threads * pixels * bytes_per_pixel + shown * (section + pixels * bytes_kept_per_pixel);
    const double checkpoint = checkpoint_bytes_per_voxel * double(result.voxels);
    const double begun = std::min<double>(result.runs, double(threads) * double(e.arms.size()));
    result.disk_megabytes = ((2 * begun + double(e.checkpoint.keep_days.size()) * result.runs) * checkpoint +
                             result.runs * days * section + shown * pixels * bytes_kept_per_pixel) /
                            (1024.0 * 1024.0);
    result.megabytes = (std::max(living, painting) + program_bytes) / (1024.0 * 1024.0);

    std::vector<double> run_s;
    for (const Primary& p : e.primaries)
        for (const auto& group : groups)
            for (const int arm : group)
                run_s.insert(run_s.end(), e.mouse_numbers().size(),
                             own_days(e, p, e.arms[std::size_t(arm)], arm == group.front()) * double(result.voxels) *
                                 seconds_per_voxel_day);
    result.seconds = seconds_of(run_s, threads);
    result.seconds += shown * pixels * seconds_per_pixel / std::clamp(threads, 1, std::max(1, shown));
    return result;
}

double seconds_of(std::vector<double> run_s, int threads) {
    if (run_s.empty()) return 0;
    // Side by side, one run a thread, the longest first; a run that has several threads gains little from them.
    std::sort(run_s.begin(), run_s.end(), std::greater<>());
    const auto runs = static_cast<int>(run_s.size()), workers = std::clamp(threads, 1, runs);
    const double each = std::max(1, threads / workers);
    const double speed = 1 / (1 - parallel_share + parallel_share / each);
    std::vector<double> busy(std::size_t(workers), 0.0);
    for (const double s : run_s) *std::min_element(busy.begin(), busy.end()) += s / speed;
    return *std::max_element(busy.begin(), busy.end());
}

}  // namespace stellate::laboratory
