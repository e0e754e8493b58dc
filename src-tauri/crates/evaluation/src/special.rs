//! The two special functions that intervals and plots need.

/// Regularised incomplete beta function of `x` in 0..=1 with positive `a` and `b`.
///
/// Continued fraction after Lentz, as in Press et al., Numerical Recipes, 3rd ed., 6.4.
pub(crate) fn beta_cdf(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    // The fraction converges fast on this side of the mean, the other follows by symmetry.
    if x < (a + 1.0) / (a + b + 2.0) {
        front * fraction(x, a, b) / a
    } else {
        1.0 - front * fraction(1.0 - x, b, a) / b
    }
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let mut upper = 1.0;
    let mut lower = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut result = lower;
    for step in 1..100_000 {
        let step = f64::from(step);
        let twice = a + 2.0 * step;
        for numerator in [
            step * (b - step) * x / ((twice - 1.0) * twice),
            -(a + step) * (a + b + step) * x / (twice * (twice + 1.0)),
        ] {
            lower = 1.0 / away_from_zero(1.0 + numerator * lower);
            upper = away_from_zero(1.0 + numerator / upper);
            result *= upper * lower;
        }
        if (upper * lower - 1.0).abs() < 1e-15 {
            break;
        }
    }
    result
}

/// Logarithm of the gamma function for positive `x`, by Lanczos' approximation (g = 7, n = 9).
fn ln_gamma(x: f64) -> f64 {
    const COEFFICIENTS: [f64; 8] = [
        676.520_368_121_885_1,
        -1_259.139_216_722_402_8,
        771.323_428_777_653_1,
        -176.615_029_162_140_6,
        12.507_343_278_686_905,
        -0.138_571_095_265_720_12,
        9.984_369_578_019_572e-6,
        1.505_632_735_149_311_6e-7,
    ];
    if x < 0.5 {
        // Reflection.
        return (std::f64::consts::PI / (std::f64::consts::PI * x).sin()).ln() - ln_gamma(1.0 - x);
    }
    let x = x - 1.0;
    let sum = (1_u32..)
        .zip(COEFFICIENTS)
        .fold(0.999_999_999_999_809_9, |sum, (i, c)| sum + c / (x + f64::from(i)));
    let t = x + 7.5;
    0.5 * std::f64::consts::TAU.ln() + (x + 0.5) * t.ln() - t + sum.ln()
}

/// Quantile of the standard normal distribution for `p` in 0..1, to nine digits: Acklam's
/// rational approximation. The axes of a DET plot are drawn with it.
pub(crate) fn probit(p: f64) -> f64 {
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let horner = |coefficients: &[f64], x: f64| coefficients.iter().fold(0.0, |y, c| y * x + c);
    let tail = |p: f64| {
        let q = (-2.0 * p.ln()).sqrt();
        horner(&C, q) / horner(&D, q)
    };
    if p < 0.024_25 {
        tail(p)
    } else if p > 1.0 - 0.024_25 {
        -tail(1.0 - p)
    } else {
        let q = p - 0.5;
        q * horner(&A, q * q) / horner(&B, q * q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beta_distribution_is_that_of_scipy() {
        // scipy.special.betainc(a, b, x), SciPy 1.17.1.
        for (a, b, x, expected) in [
            (0.5, 0.5, 0.3, 0.369_010_119_565_545_36),
            (1.0, 10.0, 0.1, 0.651_321_559_9),
            (4.0, 2_997.0, 0.001, 0.352_768_092_528_930_2),
            (18.0, 434.0, 0.05, 0.864_266_878_399_759_4),
            (450.0, 1.0, 0.99, 0.010_860_193_639_877_882),
            (9.0, 18_907.0, 0.000_5, 0.602_969_931_786_922_5),
            (100.0, 100.0, 0.5, 0.5),
        ] {
            let found = beta_cdf(x, a, b);
            assert!((found - expected).abs() < 1e-9, "{a} {b} {x}: {found}");
        }
        assert!(beta_cdf(-0.1, 2.0, 2.0) <= 0.0 && beta_cdf(1.1, 2.0, 2.0) >= 1.0);
    }

    #[test]
    fn the_normal_quantile_is_that_of_scipy() {
        // scipy.stats.norm.ppf(p), SciPy 1.17.1.
        for (p, expected) in [
            (1e-6, -4.753_424_308_822_899),
            (1e-4, -3.719_016_485_455_680_4),
            (0.01, -2.326_347_874_040_840_8),
            (0.024_25, -1.972_961_051_311_885),
            (0.3, -0.524_400_512_708_040_9),
            (0.5, 0.0),
            (0.8, 0.841_621_233_572_914_3),
            (0.999, 3.090_232_306_167_813),
        ] {
            let found = probit(p);
            assert!((found - expected).abs() < 1e-7, "{p}: {found}");
        }
    }
}
