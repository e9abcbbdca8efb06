using Interp.Native;

namespace TorchSharp;

/// <summary>While it lives, the backward pass names the forward operator of a failure and may look for NaN.</summary>
public class AnomalyMode : IDisposable
{
    private readonly bool _before = IsEnabled;
    private readonly bool _checkedBefore = ShouldCheckNaN;

    public AnomalyMode(bool enabled, bool check_nan = true) => Set(enabled, check_nan);

    public static bool IsEnabled => NativeMethods.it_anomaly_mode() != 0;

    public static bool ShouldCheckNaN => NativeMethods.it_anomaly_check_nan() != 0;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) Set(_before, _checkedBefore);
    }

    private static void Set(bool on, bool checkNan)
    {
        if (NativeMethods.it_set_anomaly_mode(on ? 1 : 0, checkNan ? 1 : 0) < 0) NativeError.Throw();
    }
}
