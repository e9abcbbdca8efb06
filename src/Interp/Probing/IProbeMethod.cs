namespace Interp.Extending;

/// <summary>A way to fit a linear probe.</summary>
/// <remarks>A method sees training rows only; choices it makes (a penalty, which features) are made inside of them.</remarks>
public interface IProbeMethod
{
    /// <summary>The method in a few words, such as <c>logistic L2</c>.</summary>
    string Name { get; }

    /// <summary>Fits a probe.</summary>
    /// <param name="data">The training rows.</param>
    /// <param name="cancellation">Ends the fit between two iterations.</param>
    /// <exception cref="ArgumentException">The method cannot fit these labels.</exception>
    LinearProbe Fit(ProbeData data, CancellationToken cancellation = default);

    /// <summary>The same method with the penalty it chose held fixed: how controls are fitted.</summary>
    /// <param name="probe">A probe that this method fitted.</param>
    IProbeMethod Settled(LinearProbe probe) => this;
}
