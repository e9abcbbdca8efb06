namespace Interp;

/// <summary>How a tuned lens is trained.</summary>
public enum TunedLensOptimizer
{
    /// <summary>Gradient descent with Nesterov momentum, as the published lenses were: rate 1 · (1 - momentum).</summary>
    Nesterov,

    /// <summary>Adam with the largest second moment so far (AMSGrad): rate 1e-3, with a warm-up.</summary>
    Adam,
}
