package hstest

import (
	"encoding/json"
	"maps"
	"net/http"

	"maunium.net/go/mautrix/id"
)

// keys are the public keys of the bot's account (Matrix specification,
// client-server API, "End-to-End Encryption"). Nobody else has a device.
type keys struct {
	devices  map[string]object // by device ID
	signing  map[string]object // "master_key" and so on
	oneTimes int               // keys that were uploaded to be claimed
}

// keyRoutes adds the requests about encryption keys.
func (s *Server) keyRoutes(handle func(pattern string, h http.HandlerFunc)) {
	handle("POST /keys/upload", s.uploadKeys)
	handle("POST /keys/query", s.queryKeys)
	handle("POST /keys/claim", func(w http.ResponseWriter, _ *http.Request) { reply(w, object{"one_time_keys": object{}}) })
	handle("POST /keys/device_signing/upload", s.uploadSigningKeys)
	handle("POST /keys/signatures/upload", s.uploadSignatures)
	handle("PUT /sendToDevice/{type}/{txn}", ok)
}

func (s *Server) uploadKeys(w http.ResponseWriter, r *http.Request) {
	var req struct {
		DeviceKeys object `json:"device_keys"`
		OneTime    object `json:"one_time_keys"`
	}
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys.devices == nil {
		s.keys.devices = map[string]object{}
	}
	if device, ok := req.DeviceKeys["device_id"].(string); ok {
		s.keys.devices[device] = req.DeviceKeys
	}
	s.keys.oneTimes += len(req.OneTime)
	reply(w, object{"one_time_key_counts": object{"signed_curve25519": s.keys.oneTimes}})
}

func (s *Server) queryKeys(w http.ResponseWriter, r *http.Request) {
	var req struct {
		Users map[id.UserID]any `json:"device_keys"`
	}
	_ = json.NewDecoder(r.Body).Decode(&req)
	s.mu.Lock()
	defer s.mu.Unlock()
	devices := object{}
	for user := range req.Users {
		devices[string(user)] = object{}
	}
	answer := object{"device_keys": devices}
	if _, asked := req.Users[Bot]; asked {
		devices[string(Bot)] = s.keys.devices
		for kind, key := range s.keys.signing {
			answer[kind+"s"] = object{string(Bot): key} // "master_keys"
		}
	}
	reply(w, answer)
}

func (s *Server) uploadSigningKeys(w http.ResponseWriter, r *http.Request) {
	var req map[string]object
	if json.NewDecoder(r.Body).Decode(&req) != nil {
		fail(w, http.StatusBadRequest, "M_NOT_JSON")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys.signing = req
	reply(w, object{})
}

// uploadSignatures adds the signatures to the keys that they are of: those of
// a device, named by its ID, or a cross-signing key, named by the key itself.
func (s *Server) uploadSignatures(w http.ResponseWriter, r *http.Request) {
	var req map[id.UserID]map[string]object
	_ = json.NewDecoder(r.Body).Decode(&req)
	s.mu.Lock()
	defer s.mu.Unlock()
	for name, signed := range req[Bot] {
		if device := s.keys.devices[name]; device != nil {
			addSignatures(device, signed)
		}
		for _, key := range s.keys.signing {
			if of, _ := key["keys"].(object); of["ed25519:"+name] != nil {
				addSignatures(key, signed)
			}
		}
	}
	reply(w, object{"failures": object{}})
}

func addSignatures(to, from object) {
	have, _ := to["signatures"].(object)
	more, _ := from["signatures"].(object)
	if have == nil {
		have = object{}
		to["signatures"] = have
	}
	for user, signatures := range more {
		mine, _ := have[user].(object)
		if mine == nil {
			mine = object{}
			have[user] = mine
		}
		theirs, _ := signatures.(object)
		maps.Copy(mine, theirs)
	}
}
