//! What a flat picture can do between two frames, and what it cannot.
//!
//! However a print or a screen is moved and tilted, the camera's picture of it changes by a
//! homography (Hartley and Zisserman, *Multiple View Geometry*, 2nd ed., 13.1). What of the
//! landmarks' motion no homography explains is depth, or a face that moves in itself.

use crate::align::Point;

/// Eight numbers of a homography; the ninth is 1.
const UNKNOWNS: usize = 8;

/// What is left of `to` after the homography that brings `from` closest to it, in pixels, point
/// by point. `None` if the points do not determine one.
pub(crate) fn unexplained<const N: usize>(
    from: &[Point; N],
    to: &[Point; N],
) -> Option<[Point; N]> {
    let (from, _) = normalised(from)?;
    let (to, scale) = normalised(to)?;
    // Least squares in the algebraic distance, which for faces is close to the geometric one:
    // a face's perspective is weak. Normal equations of u = (ax+by+c) − u(gx+hy), and so for v.
    let mut equations = [[0.0_f64; UNKNOWNS + 1]; UNKNOWNS];
    for ([x, y], [u, v]) in from.iter().zip(&to) {
        let rows = [
            ([*x, *y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y], *u),
            ([0.0, 0.0, 0.0, *x, *y, 1.0, -v * x, -v * y], *v),
        ];
        for (row, value) in rows {
            for i in 0..UNKNOWNS {
                for j in 0..UNKNOWNS {
                    equations[i][j] += row[i] * row[j];
                }
                equations[i][UNKNOWNS] += row[i] * value;
            }
        }
    }
    let [right @ .., down_x, down_y, down, tilt_x, tilt_y] = solve(equations)?;
    let (down, tilt) = ([down_x, down_y, down], [tilt_x, tilt_y]);
    let mut left = [[0.0; 2]; N];
    for ((left, [x, y]), [u, v]) in left.iter_mut().zip(&from).zip(&to) {
        let depth = tilt[0] * x + tilt[1] * y + 1.0;
        if depth < 0.1 {
            return None;
        }
        let along = |row: [f64; 3]| (row[0] * x + row[1] * y + row[2]) / depth;
        let explained = [along(right), along(down)];
        *left = [((u - explained[0]) * scale) as f32, ((v - explained[1]) * scale) as f32];
    }
    Some(left)
}

/// Root mean square length of vectors.
pub(crate) fn length(vectors: &[Point]) -> f32 {
    let squares: f32 = vectors.iter().map(|[x, y]| x * x + y * y).sum();
    (squares / vectors.len() as f32).sqrt()
}

/// The points around their middle at a mean square distance of 1, and how many pixels that is.
fn normalised<const N: usize>(points: &[Point; N]) -> Option<([[f64; 2]; N], f64)> {
    let points = points.map(|point| point.map(f64::from));
    let count = N as f64;
    let sum = points.iter().fold([0.0, 0.0], |[x, y], p| [x + p[0], y + p[1]]);
    let middle = [sum[0] / count, sum[1] / count];
    let centred = points.map(|[x, y]| [x - middle[0], y - middle[1]]);
    let scale = (centred.iter().map(|[x, y]| x * x + y * y).sum::<f64>() / count).sqrt();
    scale.is_normal().then(|| (centred.map(|[x, y]| [x / scale, y / scale]), scale))
}

/// Gauss's elimination with the largest pivot of each column.
fn solve(mut rows: [[f64; UNKNOWNS + 1]; UNKNOWNS]) -> Option<[f64; UNKNOWNS]> {
    for column in 0..UNKNOWNS {
        let pivot = (column..UNKNOWNS)
            .max_by(|i, j| rows[*i][column].abs().total_cmp(&rows[*j][column].abs()))?;
        rows.swap(column, pivot);
        // The points are normalised: a smaller pivot means that they lie on a line.
        if rows[column][column].abs() < 1e-9 {
            return None;
        }
        for row in column + 1..UNKNOWNS {
            let share = rows[row][column] / rows[column][column];
            let pivot = rows[column];
            for (value, pivot) in rows[row].iter_mut().zip(pivot).skip(column) {
                *value -= share * pivot;
            }
        }
    }
    let mut solution = [0.0; UNKNOWNS];
    for row in (0..UNKNOWNS).rev() {
        let known: f64 = (row + 1..UNKNOWNS).map(|i| rows[row][i] * solution[i]).sum();
        solution[row] = (rows[row][UNKNOWNS] - known) / rows[row][row];
    }
    solution.iter().all(|value| value.is_finite()).then_some(solution)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

    use proptest::prelude::*;

    use super::*;
    use crate::testing::heads::{Head, Plane, Turn};

    proptest! {
        #[test]
        fn a_homography_explains_whatever_a_plane_does(
            plane in Plane::any(),
            first in Turn::any(0.6),
            second in Turn::any(0.6),
        ) {
            let left = unexplained(&plane.seen(first), &plane.seen(second)).unwrap();
            prop_assert!(length(&left) < 0.05, "{} pixels", length(&left));
        }
    }

    #[test]
    fn a_homography_does_not_explain_a_head_that_turns() {
        let head = Head::default();
        let eyes = Head::inter_eye();
        for yaw in [-0.3_f32, 0.3] {
            let turned = head.seen(Turn { yaw, ..Turn::default() });
            let left = unexplained(&head.seen(Turn::default()), &turned).unwrap();
            let share = length(&left) / eyes;
            assert!(share > 0.03, "{yaw}: {share}");
        }
    }

    #[test]
    fn points_in_one_place_or_on_a_line_determine_nothing() {
        let head = Head::default().seen(Turn::default());
        let place = [[3.0, 4.0]; 68];
        let line: [Point; 68] = std::array::from_fn(|i| [i as f32, 2.0 * i as f32]);
        let broken = [[f32::NAN, 0.0]; 68];
        for points in [place, line, broken] {
            assert!(unexplained(&points, &head).is_none_or(|left| !length(&left).is_nan()));
            assert!(unexplained(&points, &points).is_none());
        }
    }
}
